# The instructor's verbs: from a lab's folder to students' repositories, and from those to grades.

# OUT: a new folder for a student's repository; UPDATE: such a repository, which gets one more commit. SUBMISSIONS: a
# folder with one repository a student.
OUT         ?=
UPDATE      ?=
SUBMISSIONS ?=

lab:
	@$(if $(LAB),,echo 'make lab: which one? LAB=$(notdir $(patsubst %/,%,$(dir $(wildcard tools/labs/*/lab.toml))))' >&2; exit 1)
	@python3 tools/labs/cut.py $(LAB) $(OUT) $(if $(UPDATE),--update $(UPDATE))

gradescope:
	@tools/setup.sh install build qemu host plugin grade
	@/usr/bin/python3 tools/labs/gradescope.py $(LAB)

regrade:
	@tools/setup.sh install build qemu host plugin grade
	@/usr/bin/python3 tools/labs/regrade.py $(LAB) $(SUBMISSIONS)

## make lab            1 s  a student's repository (LAB=cow OUT=../cow-lab), or one more commit in it (UPDATE=../cow-lab)
## make gradescope          what Gradescope needs to grade LAB
## make regrade             grades a folder of repositories (LAB=cow SUBMISSIONS=DIR): a CSV, and a page

.PHONY: lab gradescope regrade
