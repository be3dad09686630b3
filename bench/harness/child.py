"""A job in a process of its own, since libraries read their number of threads at import.

The parent imports no library: it gets plain data, message by message.
"""

import importlib
import multiprocessing
import signal
import sys
import traceback

from bench.harness.pin import pin

GRACE = 5  # seconds to end in when told to


def messages(job):
    """Runs the job in a child and yields what it sends, as it comes.

    ("point", (number, total, label)) when a point is begun, then ("result", data) or ("failure",
    why); also ("failure", why) if the child itself ends badly.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(job, sender))
    process.start()
    sender.close()  # so that the child's end is the only one
    try:
        while True:
            try:
                yield receiver.recv()
            except EOFError:
                break
        process.join()
        if process.exitcode != 0:
            yield "failure", f"the process of {job.section} ended with {process.exitcode}"
    finally:
        if process.is_alive():
            process.terminate()
            process.join(GRACE)
            process.kill()


def work(job, sender):
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer, who then
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # has the libraries clean up
    pin(job.threads)
    measure_points(job, sender)


def measure_points(job, sender):
    points = importlib.import_module(f"bench.sections.{job.section}").points(job)
    for number, (label, measured) in enumerate(points, 1):
        sender.send(("point", (number, len(points), label)))
        try:
            sender.send(("result", measured()))
        except Exception as error:  # of any library; the other points are measured all the same
            traceback.print_exc()
            sender.send(("failure", f"{label}: {type(error).__name__}: {error}"))
