class BusinessError(Exception):
    """A rule refuses the request."""

    status_code = 400

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotFoundError(BusinessError):
    status_code = 404


class ConflictError(BusinessError):
    status_code = 409


class InsufficientStockError(ConflictError):
    pass


class InvalidStateError(ConflictError):
    pass
