from ledger.book import URLS


class CheckUrls:
    def test_sqlite(self):
        assert "sqlite" in URLS
