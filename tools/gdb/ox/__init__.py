"""What gdb knows of ox: see tools/gdb/ox_gdb.py."""
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))  # sv39.py is not for gdb alone
