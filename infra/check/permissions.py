"""What each adapter needs to be allowed to do, from the documentation of its service.

This is written beside the code and not from `infra/grants.tf`: the two are compared through the plan. `on` is the
setting that names the resource, so a role must be on exactly what the function's environment points to.
"""

from __future__ import annotations

from dataclasses import dataclass

ADAPTERS = ("shared.gateways", "shared.vault.kms", "shared.store.database")
"""Where Google's clients are made."""

WITHOUT_NEEDS = {
    "shared.store.clinic": "types of the Firestore client; the client itself is from shared.store.database",
    "shared.store.queries": "types of the Firestore client; the client itself is from shared.store.database",
    "shared.store.changes": "types of the Firestore client; the client itself is from shared.store.database",
    "shared.store.clinic_keys": "types of the Firestore client; the client itself is from shared.store.database",
    "shared.store.reader": "types of the Firestore client; the client itself is from shared.store.database",
    "shared.web.auth": "verifies ID tokens with Google's public certificates, which needs no permission",
}
"""Other modules that import Google's clients, and why they need nothing more."""

PROJECT = "GOOGLE_CLOUD_PROJECT"
DATABASE = "FIRESTORE_DATABASE"
QUEUE = "queue"
"""Stands for the queue of each task that the function makes."""


@dataclass(frozen=True)
class Need:
    """A role, on the resource that a setting names."""

    role: str
    """A predefined role, or `custom: ` and the permissions of a role of ours."""
    on: str
    because: str
    """The permission that the calls need, and where Google says so."""


_IAM = "cloud.google.com/iam/docs/roles-permissions"

DECRYPT = Need(
    "roles/cloudkms.cryptoKeyDecrypter",
    "DATA_KEY",
    f"Decrypt: cloudkms.cryptoKeyVersions.useToDecrypt; {_IAM}/cloudkms",
)
ENCRYPT = Need(
    "roles/cloudkms.cryptoKeyEncrypter",
    "DATA_KEY",
    f"Encrypt: cloudkms.cryptoKeyVersions.useToEncrypt; {_IAM}/cloudkms",
)
READ = (
    "storage.objects.get, and storage.objects.list: without it a missing object is 403, not 404;"
    " cloud.google.com/storage/docs/access-control/iam-json"
)
DELETE = f"storage.objects.delete; no predefined role can only delete; {_IAM}/storage"
SPEECH = Need(
    "roles/speech.client",
    PROJECT,
    f"speech.recognizers.recognize and speech.operations.get; recognizers/_ is no resource to grant on; {_IAM}/speech",
)
_ACCOUNTS = "cloud.google.com/identity-platform/docs/access-control"
INVITE = Need(
    "custom: "
    "firebaseauth.users.create, firebaseauth.users.get, firebaseauth.users.sendEmail, firebaseauth.users.update",
    PROJECT,
    f"SignUp, GetAccountInfo, GetOobCode, SetAccountInfo; {_ACCOUNTS}",
)
FOLLOW = Need(
    "custom: firebaseauth.users.get, firebaseauth.users.update",
    PROJECT,
    f"GetAccountInfo, SetAccountInfo; {_ACCOUNTS}",
)

NEEDS: dict[str, tuple[Need, ...]] = {
    "shared.store.database.client": (
        Need(
            "roles/datastore.user", DATABASE, f"datastore.entities.*; on one database by a condition; {_IAM}/datastore"
        ),
    ),
    "shared.vault.kms.KmsAead": (DECRYPT,),  # it encrypts only where a clinic's keyset is made: keyring.create
    "shared.vault.keyring.create": (ENCRYPT,),
    "shared.vault.kms.sign": (
        Need(
            "roles/cloudkms.signer",
            "SIGNING_KEY",
            f"AsymmetricSign: cloudkms.cryptoKeyVersions.useToSign; {_IAM}/cloudkms",
        ),
    ),
    "shared.gateways.storage.open_upload": (
        Need("roles/storage.objectCreator", "AUDIO_BUCKET", f"storage.objects.create; {_IAM}/storage"),
    ),
    "shared.gateways.storage.recording": (Need("roles/storage.objectViewer", "AUDIO_BUCKET", READ),),
    "shared.gateways.storage.delete_recording": (Need("custom: storage.objects.delete", "AUDIO_BUCKET", DELETE),),
    "shared.gateways.storage.read_result": (Need("roles/storage.objectViewer", "RESULTS_BUCKET", READ),),
    "shared.gateways.storage.delete_result": (Need("custom: storage.objects.delete", "RESULTS_BUCKET", DELETE),),
    "shared.gateways.speech.begin": (SPEECH,),  # the service reads the audio and writes the result as its own agent
    "shared.gateways.speech.outcome": (SPEECH,),
    "shared.gateways.tasks.enqueue": (
        Need("roles/cloudtasks.enqueuer", QUEUE, f"CreateTask: cloudtasks.tasks.create; {_IAM}/cloudtasks"),
        Need(
            "roles/iam.serviceAccountUser",
            "TASKS_ACCOUNT",
            "iam.serviceAccounts.actAs on the token's account; cloud.google.com/tasks/docs/reference/rest, OidcToken",
        ),
    ),
    "shared.gateways.accounts.account_of": (INVITE,),
    "shared.gateways.accounts.with_address": (INVITE,),
    "shared.gateways.accounts.clinic_of": (INVITE,),
    "shared.gateways.accounts.route": (INVITE,),
    "shared.gateways.accounts.password_link": (INVITE,),
    "shared.gateways.accounts.find": (FOLLOW,),
    "shared.gateways.accounts.follow": (FOLLOW,),
    "shared.gateways.accounts.sign_out": (FOLLOW,),
    "shared.gateways.writer.write": (
        Need(
            "custom: aiplatform.endpoints.predict",
            PROJECT,
            f"generateContent; roles/aiplatform.user has hundreds of permissions more; {_IAM}/aiplatform",
        ),
    ),
}
"""By the full name of an adapter's function or class that calls a client."""

STORAGE_AGENT = "@gs-project-accounts.iam.gserviceaccount.com"
AGENTS = {
    "google_storage_bucket": STORAGE_AGENT,
    "google_secret_manager_secret": "@gcp-sa-secretmanager.iam.gserviceaccount.com",
    "google_artifact_registry_repository": "@gcp-sa-artifactregistry.iam.gserviceaccount.com",
    "google_firestore_database": "@gcp-sa-firestore.iam.gserviceaccount.com",
}
"""By the type of what a key of ours encrypts: the end of the address of the service's own account, which must have
roles/cloudkms.cryptoKeyEncrypterDecrypter on the key (cloud.google.com/kms/docs/cmek)."""
EVENT_RECEIVER = "roles/eventarc.eventReceiver"
"""What the account of a trigger needs on the project (cloud.google.com/eventarc/docs/run/roles-permissions)."""
EVENT_PUBLISHER = "roles/pubsub.publisher"
"""What the storage agent needs on the project, to tell of objects (same page)."""
