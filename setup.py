"""One wheel for every Python of a platform: the C library has no part of Python's ABI, `ctypes` loads it."""

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext


class PlatformWheel(bdist_wheel):
    """A wheel tagged `py3-none-PLATFORM`."""

    def get_tag(self) -> tuple[str, str, str]:
        """The wheel's Python, ABI and platform."""
        return "py3", "none", super().get_tag()[2]


class PlainLibrary(build_ext):
    """A library whose name holds no version of Python, and that exports its own functions, not a module's."""

    def get_ext_filename(self, fullname: str) -> str:
        """Where the library goes, below the folder that is built."""
        return fullname.replace(".", "/") + ".so"

    def get_export_symbols(self, ext: Extension) -> list[str]:
        """The functions exported beside those marked in C."""
        return list(ext.export_symbols)


setup(cmdclass={"bdist_wheel": PlatformWheel, "build_ext": PlainLibrary})
