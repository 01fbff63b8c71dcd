"""The threads in which the screen reads files and looks for programs, so that it need not wait for them, leaving included."""

from concurrent.futures import ThreadPoolExecutor


class SideThreads(ThreadPoolExecutor):
    """Threads whose work is only looked at: nothing is lost when the process ends before they do.

    asyncio waits for its own before `run` returns: a stalled disk would keep the terminal from whoever has pressed `q`.
    """

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work and begin none; what is being done goes on without anybody who waits."""
        del wait, cancel_futures
        super().shutdown(wait=False, cancel_futures=True)
