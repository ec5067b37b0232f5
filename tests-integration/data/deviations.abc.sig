# What is different on purpose from aiohttp.abc's calls: name, and why.
AbstractStreamWriter.enable_compression(): what compresses is a writer of its own around another one
