from importlib.metadata import entry_points
from importlib.resources import files

import tidegate_web_static


def test_everything_exported_is_there_and_listed() -> None:
    for name in tidegate_web_static.__all__:
        assert getattr(tidegate_web_static, name) is not None
    assert sorted(tidegate_web_static.__all__) == sorted(set(tidegate_web_static.__all__))


def test_the_router_finds_the_resource_by_its_entry_point() -> None:
    (found,) = entry_points(group="tidegate.static_resource")
    assert found.load() is tidegate_web_static.StaticResource


def test_the_package_is_typed() -> None:
    assert files(tidegate_web_static).joinpath("py.typed").is_file()
