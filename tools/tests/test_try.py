from gdb_machine import *
def test_x(machine, tmp_path):
    run, r = run_under_gdb(machine, tmp_path, "/tmp/try_session.py", "probe", words="fork=on_demand recount=1")
    print(run.output, run.seconds)
    print((tmp_path/"gdb.log").read_text())
    print(panicked(run))
