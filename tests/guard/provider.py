"""An OpenID provider for tests (oidc-provider-mock) whose tokens can be forged on demand.

    python -m tests.guard.provider PORT

``POST /forge`` with the name of one of ``FORGERIES`` (or nothing) says what comes next. Keys are
ours, so that a token can be genuine in everything but one thing.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
warnings.simplefilter("ignore")

from joserfc import jwt  # noqa: E402
from joserfc.jwk import KeySet, RSAKey  # noqa: E402
from oidc_provider_mock import app as provider  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402
from werkzeug.test import run_wsgi_app  # noqa: E402
from werkzeug.wrappers import Request, Response  # noqa: E402

Claims = dict[str, Any]
OURS, THEIRS = (RSAKey.generate_key(2048, {"kid": "key"}) for _ in range(2))
FORGERIES: dict[str, Callable[[Claims], Claims]] = {
    "": lambda claims: claims,
    "signed by somebody else": lambda claims: claims,
    "not signed": lambda claims: claims,
    "for another program": lambda claims: claims | {"aud": "another", "azp": "another"},
    "by another provider": lambda claims: claims | {"iss": "https://elsewhere.example"},
    "of another sign-in": lambda claims: claims | {"nonce": "another"},
    "long over": lambda claims: claims | {"iat": 1_000_000_000, "exp": 1_000_003_600},
}


class Forger:
    """Signs every token anew, or falsely."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.how = ""

    def __call__(self, environ: Any, start: Any) -> Iterable[bytes]:
        request = Request(environ)
        if request.path == "/forge":
            self.how = request.get_data(as_text=True)
            return Response("", 204)(environ, start)
        if request.path == "/jwks":
            return _json(KeySet([OURS]).as_dict(private=False))(environ, start)
        if request.path != "/oauth2/token":
            return self.inner(environ, start)
        body, status, _ = run_wsgi_app(self.inner, environ)
        token = json.loads(b"".join(body))
        if "id_token" in token:
            token["id_token"] = self.signed(token["id_token"])
        return _json(token, status)(environ, start)

    def signed(self, token: str) -> str:
        """The same token by this forger's hand."""
        claims = FORGERIES[self.how](_claims(token))
        if self.how == "not signed":
            return _unsigned(claims)
        key = THEIRS if self.how == "signed by somebody else" else OURS
        return jwt.encode({"alg": "RS256", "kid": "key"}, claims, key)


def _json(content: object, status: str = "200 OK") -> Response:
    return Response(json.dumps(content), status, content_type="application/json")


def _part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _claims(token: str) -> Claims:
    out: Claims = json.loads(_part(token.split(".")[1]))
    return out


def _unsigned(claims: Claims) -> str:
    def part(content: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims)}."


if __name__ == "__main__":
    served = provider(access_token_max_age=timedelta(hours=1))
    served.debug = False
    server = make_server("127.0.0.1", int(sys.argv[1]), Forger(served), threaded=True)
    server.serve_forever()
