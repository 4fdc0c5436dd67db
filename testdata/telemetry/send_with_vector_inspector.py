"""Sends two events with vector-inspector's own TelemetryService (the real code, from PyPI) to the URL in argv[1].

Only Qt is stood in for: the settings module wants its signals, which nothing here listens to.
"""
import importlib.util
import sys
import types


class Signal:
    def __init__(self, *types):
        pass


qt = types.ModuleType("PySide6.QtCore")
qt.QObject, qt.Signal = object, Signal
sys.modules["PySide6"], sys.modules["PySide6.QtCore"] = types.ModuleType("PySide6"), qt

# The package's __init__ imports the whole program; its modules alone are enough.
root = importlib.util.find_spec("vector_inspector").submodule_search_locations[0]
services = types.ModuleType("vector_inspector.services")
services.__path__ = [f"{root}/services"]
sys.modules["vector_inspector.services"] = services

from vector_inspector.services import telemetry_service  # noqa: E402


class Settings(dict):
    def set(self, key, value):
        self[key] = value


telemetry_service.TELEMETRY_ENDPOINT = sys.argv[1]
service = telemetry_service.TelemetryService(Settings({"telemetry.enabled": True}), app_version="0.8.4")
service.set_session_id("session-1")
service.send_launch_ping("0.8.4")
service.send_error_event("it broke at 0x1", 'File "/x/y.py", line 3, in f', extra={"exception_type": "ValueError"})
left = service.get_queue()
telemetry_service.TelemetryService.reset_for_tests()
if left:
    sys.exit(f"{len(left)} events were not taken")
