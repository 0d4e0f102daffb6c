# The instructor's verbs: from a lab's folder to students' repositories, and from those to grades.

# OUT: a new folder for a student's repository; UPDATE: such a repository, which gets one more commit. SUBMISSIONS: a
# folder with one repository a student.
# CHANGED=1: of check-labs, only the labs that differ from main.
OUT         ?=
UPDATE      ?=
SUBMISSIONS ?=
CHANGED     ?=

lab gradescope regrade: which-lab
which-lab:
	@$(if $(LAB),,echo 'which lab? LAB=$(notdir $(patsubst %/,%,$(dir $(wildcard tools/labs/*/lab.toml))))' >&2; exit 1)

labs:
	@python3 tools/labs/lab.py

lab:
	@python3 tools/labs/cut.py $(LAB) $(if $(OUT),$(call quoted,$(OUT))) $(if $(UPDATE),--update $(call quoted,$(UPDATE)))

gradescope:
	@/usr/bin/python3 tools/labs/gradescope.py $(LAB)

regrade:
	@tools/build/setup.sh install build qemu host grade regrade
	@/usr/bin/python3 tools/labs/regrade.py $(LAB) $(if $(SUBMISSIONS),$(call quoted,$(SUBMISSIONS)))

check-labs:
	@tools/build/setup.sh install build qemu gdb host test grade
	@$(MAKE) --no-print-directory WERROR=1 all
	@/usr/bin/python3 tools/labs/check.py $(LAB) $(if $(CHANGED),--changed)

## make labs            1 s  the labs, with hours and points
## make lab            1 s  a student's repository (LAB=cow OUT=../cow-lab), or one more commit in it (UPDATE=../cow-lab)
## make gradescope      1 s  an autograder for Gradescope (LAB=cow): build/gradescope-cow.zip
## make regrade             grades a folder of repositories (LAB=cow SUBMISSIONS=DIR): build/regrade/LAB/grades.csv and .html
## make check-labs   5 min  proves each lab: skeleton, tree, wrong solutions (LAB=cow: 2 min, lazy and share: 1 min; CHANGED=1: what differs from main)

.PHONY: labs check-labs lab which-lab gradescope regrade
