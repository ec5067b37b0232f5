"""Applications written once, served by aiohttp.web and by tidegate.web, and compared.

:mod:`.bench` runs a case with either framework and notes what can be observed; ``cases_*.py`` are
the cases, by the rows of aiohttp.web's features; :mod:`.differences` says where tidegate is
different on purpose, and why; ``test_compat.py`` compares.
"""
