# The instructor's verbs: from a lab's folder to students' repositories, and from those to grades.

# OUT: a new folder for a student's repository; UPDATE: such a repository, which gets one more commit. SUBMISSIONS: a
# folder with one repository a student.
OUT         ?=
UPDATE      ?=
SUBMISSIONS ?=

lab gradescope regrade: which-lab
which-lab:
	@$(if $(LAB),,echo 'which lab? LAB=$(notdir $(patsubst %/,%,$(dir $(wildcard tools/labs/*/lab.toml))))' >&2; exit 1)

lab:
	@python3 tools/labs/cut.py $(LAB) $(if $(OUT),$(call quoted,$(OUT))) $(if $(UPDATE),--update $(call quoted,$(UPDATE)))

gradescope:
	@/usr/bin/python3 tools/labs/gradescope.py $(LAB)

regrade:
	@tools/build/setup.sh install build qemu host grade regrade
	@/usr/bin/python3 tools/labs/regrade.py $(LAB) $(if $(SUBMISSIONS),$(call quoted,$(SUBMISSIONS)))

## make lab            1 s  a student's repository (LAB=cow OUT=../cow-lab), or one more commit in it (UPDATE=../cow-lab)
## make gradescope      1 s  an autograder for Gradescope (LAB=cow): build/gradescope-cow.zip
## make regrade             grades a folder of repositories (LAB=cow SUBMISSIONS=DIR): build/regrade/grades.csv and .html

.PHONY: lab which-lab gradescope regrade
