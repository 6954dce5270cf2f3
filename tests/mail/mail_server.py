"""A mail server for tests: a real socket, real replies, as well or badly behaved as it is told."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8


class MailServerUnderTest:
    """Takes letters, or says what it was told to say."""

    def __init__(self, tls: ssl.SSLContext | None = None, extensions: tuple[str, ...] = ()) -> None:
        self.letters: list[EmailMessage] = []
        self.replies: dict[str, list[str]] = {}
        """What is said in place of yes, by the first word of a command, each once."""
        self.heard: list[str] = []
        """Every command, secrets included."""
        self.encrypted: list[bool] = []
        """Whether each letter came over TLS."""
        self.is_silent = False
        self.port = 0
        self._tls = tls
        self._extensions = extensions
        self._speaking: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak with one client until it leaves."""
        speaking = asyncio.current_task()
        assert speaking is not None
        self._speaking.add(speaking)
        try:
            await self._speak(reader, writer)
        except (ConnectionError, ssl.SSLError):
            pass  # The client left, as some tests want it to.
        finally:
            writer.close()
            self._speaking.discard(speaking)

    async def hang_up(self) -> None:
        """Leave nobody on the line."""
        for task in self._speaking:
            task.cancel()
        await asyncio.gather(*self._speaking, return_exceptions=True)

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_silent:
            await reader.read()
            return
        await self._say(writer, "220 mail.test ready")
        while line := await reader.readline():
            words = line.decode().strip()
            self.heard.append(words)
            if not await self._answer(words, reader, writer):
                break

    async def _answer(
        self, words: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        verb = words.split(" ", 1)[0].split(":", 1)[0].upper()
        if told := self.replies.get(verb):
            await self._say(writer, told.pop(0))
        elif verb == "EHLO":
            offered = ["mail.test", "8BITMIME", *self._extensions, *self._starttls(writer)]
            await self._say(writer, *(f"250-{each}" for each in offered[:-1]), f"250 {offered[-1]}")
        elif verb == "STARTTLS" and self._tls is not None:
            await self._say(writer, "220 go ahead")
            await writer.start_tls(self._tls)
        elif verb == "DATA":
            await self._take(reader, writer)
        elif verb == "AUTH":
            await self._say(writer, "235 welcome")
        elif verb == "QUIT":
            await self._say(writer, "221 goodbye")
            return False
        else:
            await self._say(writer, "250 yes")
        return True

    def _starttls(self, writer: asyncio.StreamWriter) -> list[str]:
        return ["STARTTLS"] if self._tls and not _is_encrypted(writer) else []

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say(writer, "354 go on")
        lines: list[bytes] = []
        while (line := await reader.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if told := self.replies.get("."):
            await self._say(writer, told.pop(0))
            return
        self.letters.append(message_from_bytes(b"".join(lines), policy=SMTPUTF8))
        self.encrypted.append(_is_encrypted(writer))
        await self._say(writer, "250 taken")

    async def _say(self, writer: asyncio.StreamWriter, *lines: str) -> None:
        writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await writer.drain()


def _is_encrypted(writer: asyncio.StreamWriter) -> bool:
    return writer.get_extra_info("ssl_object") is not None


@asynccontextmanager
async def serving(
    server: MailServerUnderTest, implicit: ssl.SSLContext | None = None
) -> AsyncGenerator[MailServerUnderTest]:
    """Listen on any port of loopback."""
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=implicit)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await server.hang_up()
