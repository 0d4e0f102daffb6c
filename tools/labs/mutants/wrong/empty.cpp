// There is no test at all.
// score 0
