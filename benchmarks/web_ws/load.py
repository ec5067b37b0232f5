"""A load generator that costs less than any server: frames are made beforehand, answers counted.

One process drives all connections with epoll. A connection sends its block (so many masked frames
in one piece), takes as many frames as answer it, and sends the next block; of an answer only the
headers are read. Server CPU time is read from its process clock, to the nanosecond.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import time
import zlib
from pathlib import Path

TEXT, BINARY = 0x1, 0x2

REQUEST = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n"
)
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"


class ServerProcess:
    """One of servers.py, pinned to the first CPU while the generator has the last one."""

    def __init__(self, name: str, *options: str, program: str = "servers.py") -> None:
        command = [sys.executable, str(Path(__file__).with_name(program)), name, *options]
        # What they say about clients that vanish would drown the figures.
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{name} did not start")
        self.port = int(line)
        self.pid = self.process.pid
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(self.pid, {min(os.sched_getaffinity(0))})

    def cpu(self) -> float:
        """Return the CPU seconds, user and system, that the process has used."""
        # clock_getcpuclockid(3): the CPU-time clock of another process, on Linux.
        return time.clock_gettime(~self.pid << 3 | 2)

    def resident(self) -> int:
        """Return the bytes of memory that are the process's own or its share of."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return int(text.partition("Pss:")[2].split()[0]) * 1024

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()


class Load:
    """Connections to one server, all of which send the same block again and again."""

    def __init__(
        self,
        port: int,
        *,
        opcode: int = TEXT,
        size: int = 64,
        connections: int = 1,
        at_once: int = 1,
        deflate: bool = False,
    ) -> None:
        self.opcode = opcode
        self.payload = content(size)
        self.deflate = deflate
        self.block = masked(opcode, self.payload, deflate) * at_once
        self.at_once = at_once
        self.sockets = [connect(port, deflate) for _ in range(connections)]
        self.buffers = {sock.fileno(): sock for sock in self.sockets}
        self.into = memoryview(bytearray(1024 * 1024))
        self.check()

    def check(self) -> None:
        """Send one message over the first connection; expect the same back."""
        sock = self.sockets[0]
        sock.setblocking(True)
        sock.sendall(masked(self.opcode, self.payload, self.deflate))
        data = b""
        while (frame := one_frame(data)) is None:
            data += sock.recv(65536)
        first, payload = frame
        if first & 0x40:
            payload = zlib.decompressobj(-15).decompress(payload + b"\x00\x00\xff\xff")
        assert first & 0x0F == self.opcode, f"expected opcode {self.opcode}, got {first & 15}"
        assert payload == self.payload, "the echo is not what was sent"

    def run(self, seconds: float) -> int:
        """Load the server for about *seconds*; return how many messages came back."""
        poll = select.epoll()
        answers = {}
        block = self.block
        for sock in self.sockets:
            sock.setblocking(False)
            poll.register(sock, select.EPOLLIN)
            answers[sock.fileno()] = Answers(sock, block, self.at_once)
        count = 0
        running = len(answers)
        end = time.perf_counter() + seconds
        for answer in answers.values():
            answer.send(poll)
        going_on = True
        while running:
            events = poll.poll(30)
            if not events:
                raise TimeoutError("expected an answer within 30 seconds")
            going_on = going_on and time.perf_counter() < end
            for number, event in events:
                answer = answers[number]
                if event & select.EPOLLOUT:
                    answer.send_rest(poll)
                if event & select.EPOLLIN and answer.receive(self.into):
                    count += self.at_once
                    if going_on:
                        answer.send(poll)
                    else:
                        running -= 1
        poll.close()
        return count

    def close(self) -> None:
        """Close the connections without a word."""
        for sock in self.sockets:
            sock.close()


class Answers:
    """What one connection still has to send and to receive."""

    __slots__ = ("_at_once", "_block", "_frames", "_header", "_rest", "_skip", "_sock")

    def __init__(self, sock: socket.socket, block: bytes, at_once: int) -> None:
        self._sock = sock
        self._block = block
        self._at_once = at_once
        self._rest = memoryview(b"")
        self._frames = 0
        self._skip = 0
        self._header = b""

    def send(self, poll: select.epoll) -> None:
        """Begin with the next block."""
        self._frames = self._at_once
        self._rest = memoryview(self._block)
        self.send_rest(poll)

    def send_rest(self, poll: select.epoll) -> None:
        """Send as much as the connection takes."""
        waited = len(self._rest) < len(self._block)
        with contextlib.suppress(BlockingIOError):
            self._rest = self._rest[self._sock.send(self._rest) :]
        if self._rest:
            poll.modify(self._sock, select.EPOLLIN | select.EPOLLOUT)
        elif waited:
            poll.modify(self._sock, select.EPOLLIN)

    def receive(self, into: memoryview) -> bool:
        """Take what has come; tell whether the block has been answered."""
        try:
            size = self._sock.recv_into(into)
        except BlockingIOError:
            return False
        if size == 0:
            raise ConnectionError("the server has closed the connection")
        position = 0
        while position < size:
            if self._skip:
                step = min(self._skip, size - position)
                self._skip -= step
                position += step
            else:
                need = header_size(self._header)
                piece = bytes(into[position : min(position + need - len(self._header), size)])
                self._header += piece
                position += len(piece)
                if len(self._header) < 2 or len(self._header) < header_size(self._header):
                    continue
                self._skip = payload_size(self._header)
                self._header = b""
            if not self._skip:
                self._frames -= 1
        return self._frames == 0


def header_size(begun: bytes) -> int:
    """Return the length of a server's header of which *begun* has come."""
    if len(begun) < 2:
        return 2
    return {126: 4, 127: 10}.get(begun[1], 2)


def payload_size(header: bytes) -> int:
    """Return the length that a whole header tells."""
    return header[1] if header[1] < 126 else int.from_bytes(header[2:])


def one_frame(data: bytes) -> tuple[int, bytes] | None:
    """Return the first byte and the payload of the frame in *data*, None when it is not whole."""
    size = header_size(data)
    if len(data) < size or len(data) < size + payload_size(data[:size]):
        return None
    return data[0], data[size : size + payload_size(data[:size])]


def connect(port: int, deflate: bool = False) -> socket.socket:
    """Open a WebSocket."""
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(REQUEST % (DEFLATE if deflate else b""))
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    assert b" 101 " in head, head
    assert (b"permessage-deflate" in head) == deflate, head
    return sock


def content(size: int) -> bytes:
    """Return a payload that compresses as JSON does."""
    lines = (
        b'{"id": %d, "user": "u%d", "text": "The quick brown fox number %d", "ok": true},\n'
        % (number, number * 7919 % 1000, number * 104729 % 9973)
        for number in range(size // 60 + 2)
    )
    return b"".join(lines)[:size]


def masked(opcode: int, payload: bytes, deflate: bool = False) -> bytes:
    """Return a client's frame."""
    first = 0x80 | opcode
    if deflate:
        compressor = zlib.compressobj(6, zlib.DEFLATED, -12)
        payload = (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]
        first |= 0x40
    key = os.urandom(4)
    size = len(payload)
    mask = int.from_bytes((key * (size // 4 + 1))[:size])
    payload = (int.from_bytes(payload) ^ mask).to_bytes(size)
    if size < 126:
        head = bytes([first, 0x80 | size])
    elif size < 65536:
        head = bytes([first, 0xFE]) + size.to_bytes(2)
    else:
        head = bytes([first, 0xFF]) + size.to_bytes(8)
    return head + key + payload
