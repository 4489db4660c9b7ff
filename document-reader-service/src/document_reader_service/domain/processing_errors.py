"""Why a document could not be read, in words for the person who uploaded it.

Raised inside the process pool: each one survives pickling, so no subclass may ask for more arguments than `Problem`.
"""

from chassis.errors import Problem


class EncryptedDocument(Problem):
    status = 422
    type = "encrypted-document"
    title = "The document is protected by a password"


class DamagedDocument(Problem):
    status = 422
    type = "damaged-document"
    title = "The document is damaged and cannot be read"


class NoText(Problem):
    status = 422
    type = "no-text"
    title = "No text was found in the document"


class DocumentTooLarge(Problem):
    status = 422
    type = "document-too-large"
    title = "The document is longer than the limit"
