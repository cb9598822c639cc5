"""TEMP"""

from ibconsole.errors import UserError


class VaultError(UserError):
    """x"""


class Vault:
    def __init__(self):
        self._m = {}

    async def read(self, connection):
        return self._m.get(connection)

    async def write(self, connection, secret):
        self._m[connection] = secret

    async def delete(self, connection):
        self._m.pop(connection, None)

    def keep_for_session(self, connection, secret):
        self._m[connection] = secret
