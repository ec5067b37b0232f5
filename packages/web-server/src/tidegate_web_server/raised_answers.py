"""Answers that were raised, and what still holds on to them."""

from .exceptions import HTTPException


def without_traceback(answer: HTTPException) -> HTTPException:
    """Free the frames that *answer* was raised through, and return it.

    They hold the answer, which holds them: each raised answer would wait for the garbage
    collector, with the request and all that the handler has.
    """
    links: list[BaseException | None] = [answer]
    while links:
        link = links.pop()
        # One without a traceback was not raised, or has been here before.
        if link is not None and link.__traceback__ is not None:
            link.__traceback__ = None
            links += (link.__cause__, link.__context__)
    return answer
