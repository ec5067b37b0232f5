"""The storage of an application: typed keys, text keys, and writing when it is too late."""

from __future__ import annotations

import pytest
from tidegate_web_server import AppKey, Application, NotAppKeyWarning

KEY = AppKey("key", int)


def test_an_application_is_a_mapping_that_is_true_and_equal_only_to_itself() -> None:
    app = Application()
    assert app
    assert len(app) == 0
    assert app == app
    assert app != Application()
    assert len({app, Application()}) == 2
    app[KEY] = 1
    assert app[KEY] == 1
    assert list(app) == [KEY]
    assert len(app) == 1
    assert app.get(AppKey("other", int)) is None
    del app[KEY]
    assert KEY not in app
    with pytest.raises(KeyError):
        app[KEY]
    with pytest.raises(KeyError):
        del app[KEY]
    assert repr(app) == f"<Application 0x{id(app):x}>"


def test_a_text_key_works_with_a_warning_at_the_place_that_uses_it() -> None:
    app = Application()
    with pytest.warns(NotAppKeyWarning, match="recommended to use web.AppKey") as caught:
        app["text"] = 1
    assert caught[0].filename == __file__
    assert app["text"] == 1


def test_changing_the_storage_of_a_frozen_application_is_deprecated() -> None:
    app = Application()
    app[KEY] = 1
    app.freeze()
    with pytest.warns(DeprecationWarning, match="Changing state of started") as caught:
        app[KEY] = 2
    assert caught[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="Changing state of started") as caught:
        del app[KEY]
    assert caught[0].filename == __file__


def test_what_was_not_stored_is_got_as_the_default() -> None:
    app = Application()
    app[KEY] = 1
    other = AppKey("other", int)
    assert (app.get(KEY), app.get(KEY, 5)) == (1, 1)
    assert (app.get(other), app.get(other, 5), app.get("text", 6)) == (None, 5, 6)
