import pytest

from dermnet_ui.permission import decide, decide_explaining, memory_gib


@pytest.mark.parametrize(
    ("setting", "has_data", "local", "memory", "words"),
    [
        (None, True, True, 16.0, ""),
        (None, True, True, None, ""),
        (None, False, True, 16.0, "no photo folder is set"),
        (None, True, False, 16.0, "visitors from other computers"),
        ("on", True, False, 16.0, ""),
        ("on", True, True, 0.7, "this server has 0.7 GiB"),
        ("off", True, True, 16.0, "switched off"),
        ("yes", True, True, 16.0, "expected on or off"),
    ],
)
def test_who_may_train(setting, has_data, local, memory, words):
    environment = {"DERMNET_TRAINING": setting} if setting else {}
    allowed, reason = decide(environment, has_data, local, memory, tensorflow=True)
    assert allowed == (words == "")
    assert words in reason


def test_the_memory_of_this_computer_is_known():
    assert 0.1 < memory_gib() < 100_000


def test_without_tensorflow_nothing_trains_even_when_it_is_switched_on():
    allowed, reason = decide({"DERMNET_TRAINING": "on"}, True, True, 16.0, tensorflow=False)
    assert not allowed
    assert "without TensorFlow" in reason


@pytest.mark.parametrize(
    ("memory", "tensorflow", "words"),
    [
        (16.0, True, ""),
        (None, True, ""),
        (0.67, True, ""),
        (0.5, True, "this server has 0.5 GiB"),
        (16.0, False, "without TensorFlow"),
    ],
)
def test_where_other_methods_may_run(memory, tensorflow, words):
    allowed, reason = decide_explaining(memory, tensorflow)
    assert allowed == (words == "")
    assert words in reason
