#!/bin/sh
ls /bin | cat | cat
