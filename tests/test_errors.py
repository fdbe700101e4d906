"""What the errors promise to those who catch them and to those who read them."""

import pytest

from nextflop.errors import FitError, InputError, NextflopError, ProgramError, StoreError, TrialError, unknown


@pytest.mark.parametrize("kind", [InputError, FitError, StoreError, ProgramError, TrialError])
def test_every_error_can_be_caught_as_one_family(kind: type[Exception]) -> None:
    assert issubclass(kind, NextflopError)


def test_a_wrong_argument_is_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="mend"):
        raise InputError("mend it")


def test_an_unknown_name_is_answered_with_the_nearest_and_the_whole_list() -> None:
    error = unknown("law", "chinchila", ["sigmoid", "chinchilla"])
    assert str(error) == "There is no law 'chinchila'; did you mean 'chinchilla'? Choose one of chinchilla, sigmoid."


def test_a_part_of_a_name_tells_which_is_meant() -> None:
    error = unknown("data set", "Metr", ["metric", "metr_time_horizon_1_1"])
    assert "did you mean 'metric'?" in str(error)  # the shortest that has it
    assert "did you mean 'metr_time_horizon_1_1'?" in str(unknown("data set", "horizon", ["metr_time_horizon_1_1"]))
    assert "did you mean" not in str(unknown("data set", "et", ["metr_time_horizon_1_1"]))


def test_a_name_like_no_other_gets_no_suggestion() -> None:
    assert str(unknown("law", "xyz", ["chinchilla"])) == "There is no law 'xyz': choose one of chinchilla."
