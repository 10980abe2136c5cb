import errors


def test_all_is_the_hierarchy_and_the_docstring_draws_it() -> None:
    classes = {n for n, c in vars(errors).items() if isinstance(c, type) and issubclass(c, errors.TutorError)}
    assert classes == set(errors.__all__)
    assert all(name in (errors.__doc__ or "") for name in classes)
