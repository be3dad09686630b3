"""Counts the instructions of calls, with Valgrind's Callgrind.

The counts do not depend on how busy the machine is. A program that is run by `count` calls
`counted` for each of them.
"""

import ctypes
import mmap
import os
import platform
import re
import shutil
import subprocess
import sys

AVAILABLE = bool(shutil.which("valgrind")) and platform.machine() == "x86_64"

# Valgrind knows no AVX-512, and counts a string instruction once for each byte that it moves.
ENVIRONMENT = {
    "DENSELOOP_TARGET": "avx2",
    "GLIBC_TUNABLES": "glibc.cpu.x86_rep_stosb_threshold=1000000000000:"
    "glibc.cpu.x86_rep_movsb_threshold=1000000000000",
}
START, STOP, DUMP = 0x43540004, 0x43540005, 0x43540003  # of valgrind/callgrind.h
# Valgrind recognizes a request by instructions without an effect. The function's argument is the
# address of the request and its five arguments.
REQUEST = bytes.fromhex(
    "4889f8"  # mov rax, rdi
    "31d2"  # xor edx, edx
    "48c1c703 48c1c70d 48c1c73d 48c1c733"  # rol rdi, by 3, 13, 61 and 51
    "4887db"  # xchg rbx, rbx
    "c3"  # ret
)
TITLE = "desc: Trigger: Client Request: "


def count(module, folder):
    """Run a module under Callgrind; return its numbers of instructions by the names of calls."""
    command = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no"]
    subprocess.run(
        [*command, f"--callgrind-out-file={folder / 'counts'}", sys.executable, "-m", module],
        check=True,
        env=os.environ | ENVIRONMENT,
    )
    found = {}
    for path in folder.glob("counts.*"):
        text = path.read_text()
        if TITLE in text:
            name = text.split(TITLE)[1].splitlines()[0]
            found[name] = int(re.search(r"^totals: (\d+)", text, re.MULTILINE)[1])
    return found


def counted(name, call):
    """Make the call and count its instructions."""
    call()  # keeps what is done only once out of the count
    request(START)
    call()
    request(STOP)
    title = ctypes.create_string_buffer(name.encode())
    request(DUMP, ctypes.addressof(title))


def request(number, argument=0):
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(REQUEST)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)((ctypes.c_uint64 * 6)(number, argument))
