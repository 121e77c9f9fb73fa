def pytest_addoption(parser):
    parser.addoption('--programs', type=int, default=300, help='how many programs are generated')
    parser.addoption('--seed', type=int, default=0, help='of the first of them')
