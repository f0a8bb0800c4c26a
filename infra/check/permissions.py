"""The IAM roles that each adapter requires, from the documentation of its service.

This table is derived from the code and not from `infra/grants.tf`; the rules compare the two through the plan. `on` is
the setting that names the resource, so a role must be granted on exactly the resource in the function's environment.
"""

from __future__ import annotations

from dataclasses import dataclass

ADAPTERS = ("shared.gateways", "shared.vault.kms", "shared.store.database")
"""The modules that create Google's clients."""
OPENERS = (
    *("shared.store.firestore.connection", "shared.vault.kms_api", "shared.gateways.tasks"),
    "shared.gateways.identity_platform",
)
"""The modules that open an API of Google, for adapters that call it without a client of Google."""

PROJECT = "GOOGLE_CLOUD_PROJECT"
DATABASE = "FIRESTORE_DATABASE"
QUEUE = "queue"
"""Stands for the queue of each task that the function enqueues."""
OWN_ACCOUNT = "own account"
"""Stands for the account that the function runs as."""


@dataclass(frozen=True)
class RequiredRole:
    """A role on the resource that a setting names."""

    role: str
    """A predefined role, or `custom: ` and the permissions of a custom role."""
    on: str
    reason: str
    """The permission that the calls require, and the page that says so."""


_IAM = "cloud.google.com/iam/docs/roles-permissions"

DECRYPT = RequiredRole(
    "roles/cloudkms.cryptoKeyDecrypter",
    "DATA_KEY",
    f"Decrypt: cloudkms.cryptoKeyVersions.useToDecrypt; {_IAM}/cloudkms",
)
ENCRYPT = RequiredRole(
    "roles/cloudkms.cryptoKeyEncrypter",
    "DATA_KEY",
    f"Encrypt: cloudkms.cryptoKeyVersions.useToEncrypt; {_IAM}/cloudkms",
)
VIEW_PUBLIC_KEY = RequiredRole(
    "roles/cloudkms.publicKeyViewer",
    "SIGNING_KEY",
    f"GetPublicKey: cloudkms.cryptoKeyVersions.viewPublicKey; {_IAM}/cloudkms",
)
READ = (
    "storage.objects.get, and storage.objects.list: without it a missing object is 403, not 404;"
    " cloud.google.com/storage/docs/access-control/iam-json"
)
DELETE = f"storage.objects.delete; no predefined role can only delete; {_IAM}/storage"
CREATE_PIECE = RequiredRole("roles/storage.objectCreator", "PIECES_BUCKET", f"storage.objects.create; {_IAM}/storage")
READ_PIECE = RequiredRole("roles/storage.objectViewer", "PIECES_BUCKET", READ)
SPEECH = RequiredRole(
    "roles/speech.client",
    PROJECT,
    f"speech.recognizers.recognize and speech.operations.get; recognizers/_ is no resource to grant on; {_IAM}/speech",
)
_ACCOUNTS = "cloud.google.com/identity-platform/docs/access-control"
INVITE = RequiredRole(
    "custom: firebaseauth.users.create, firebaseauth.users.get, firebaseauth.users.update",
    PROJECT,
    f"SignUp, GetAccountInfo, SetAccountInfo; {_ACCOUNTS}",
)
FOLLOW = RequiredRole(
    "custom: "
    "firebaseauth.users.delete, firebaseauth.users.get, firebaseauth.users.sendEmail, firebaseauth.users.update",
    PROJECT,
    f"DeleteAccount, GetAccountInfo, GetOobCode (which sends the mail), SetAccountInfo; {_ACCOUNTS}",
)
LOOK_UP = RequiredRole("custom: firebaseauth.users.get", PROJECT, f"GetAccountInfo; {_ACCOUNTS}")

REQUIRED_ROLES: dict[str, tuple[RequiredRole, ...]] = {
    "shared.store.database.client": (
        RequiredRole(
            "roles/datastore.user", DATABASE, f"datastore.entities.*; on one database by a condition; {_IAM}/datastore"
        ),
    ),
    "shared.vault.kms.KmsAead": (DECRYPT,),  # only keyring.create, which makes a clinic's keyset, encrypts
    "shared.vault.keyring.create": (ENCRYPT,),
    "shared.vault.kms.sign": (
        RequiredRole(
            "roles/cloudkms.signer",
            "SIGNING_KEY",
            f"AsymmetricSign: cloudkms.cryptoKeyVersions.useToSign; {_IAM}/cloudkms",
        ),
    ),
    "shared.vault.kms.public_key": (VIEW_PUBLIC_KEY,),
    "shared.vault.kms.verifies": (VIEW_PUBLIC_KEY,),
    "shared.gateways.storage_client.client": (),  # makes no call; what uses it is listed
    "shared.gateways.storage.open_upload": (
        RequiredRole("roles/storage.objectCreator", "AUDIO_BUCKET", f"storage.objects.create; {_IAM}/storage"),
    ),
    "shared.gateways.storage.recording": (RequiredRole("roles/storage.objectViewer", "AUDIO_BUCKET", READ),),
    "shared.gateways.storage.open_recording": (RequiredRole("roles/storage.objectViewer", "AUDIO_BUCKET", READ),),
    "shared.gateways.storage.playback_url": (RequiredRole("roles/storage.objectViewer", "AUDIO_BUCKET", READ),),
    "shared.gateways.signer.own_account": (
        RequiredRole(
            "custom: iam.serviceAccounts.signBlob",
            OWN_ACCOUNT,
            f"signBlob; roles/iam.serviceAccountTokenCreator also makes access tokens; {_IAM}/iam",
        ),
    ),
    "shared.gateways.storage.delete_recording": (
        RequiredRole("custom: storage.objects.delete", "AUDIO_BUCKET", DELETE),
    ),
    "shared.gateways.storage.move_recording": (
        RequiredRole("roles/storage.objectViewer", "AUDIO_BUCKET", READ),
        RequiredRole("roles/storage.objectCreator", "AUDIO_BUCKET", f"storage.objects.create; {_IAM}/storage"),
        RequiredRole("custom: storage.objects.delete", "AUDIO_BUCKET", DELETE),
    ),
    "shared.gateways.storage.NewRecording": (
        RequiredRole("roles/storage.objectCreator", "AUDIO_BUCKET", f"storage.objects.create; {_IAM}/storage"),
    ),
    "shared.gateways.storage.names_of_recordings": (RequiredRole("roles/storage.objectViewer", "AUDIO_BUCKET", READ),),
    "shared.gateways.storage.names_of_results": (RequiredRole("roles/storage.objectViewer", "RESULTS_BUCKET", READ),),
    "shared.gateways.storage.read_result": (RequiredRole("roles/storage.objectViewer", "RESULTS_BUCKET", READ),),
    "shared.gateways.storage.delete_result": (
        RequiredRole("custom: storage.objects.delete", "RESULTS_BUCKET", DELETE),
    ),
    "shared.gateways.export_files.store": (
        RequiredRole("roles/storage.objectCreator", "EXPORTS_BUCKET", f"storage.objects.create; {_IAM}/storage"),
        RequiredRole("roles/storage.objectViewer", "EXPORTS_BUCKET", READ),  # one that is there is read
    ),
    "shared.gateways.export_files.url": (RequiredRole("roles/storage.objectViewer", "EXPORTS_BUCKET", READ),),
    "shared.gateways.pieces.NewPiece": (CREATE_PIECE,),
    "shared.gateways.pieces.create": (CREATE_PIECE, READ_PIECE),  # one that is there is read
    "shared.gateways.pieces.find": (READ_PIECE,),
    "shared.gateways.pieces.within": (READ_PIECE,),
    "shared.gateways.pieces.read": (READ_PIECE,),
    "shared.gateways.pieces.open_piece": (READ_PIECE,),
    "shared.gateways.pieces.compose": (CREATE_PIECE, READ_PIECE),
    "shared.gateways.pieces.copy_to_recordings": (
        READ_PIECE,
        RequiredRole("roles/storage.objectCreator", "AUDIO_BUCKET", f"storage.objects.create; {_IAM}/storage"),
        RequiredRole("roles/storage.objectViewer", "AUDIO_BUCKET", READ),  # one that is there is read
    ),
    "shared.gateways.pieces.delete": (RequiredRole("custom: storage.objects.delete", "PIECES_BUCKET", DELETE),),
    "shared.gateways.speech.recognize": (SPEECH,),
    "shared.gateways.speech.begin": (SPEECH,),  # the service agent reads the audio and writes the result
    "shared.gateways.speech.outcome": (SPEECH,),
    "shared.gateways.speech.cancel": (
        RequiredRole("custom: speech.operations.cancel", PROJECT, f"CancelOperation; {_IAM}/speech"),
    ),
    "shared.gateways.tasks.enqueue": (
        RequiredRole("roles/cloudtasks.enqueuer", QUEUE, f"CreateTask: cloudtasks.tasks.create; {_IAM}/cloudtasks"),
        RequiredRole(
            "roles/iam.serviceAccountUser",
            "TASKS_ACCOUNT",
            "iam.serviceAccounts.actAs on the token's account; cloud.google.com/tasks/docs/reference/rest, OidcToken",
        ),
    ),
    "shared.gateways.accounts.account_of": (INVITE,),
    "shared.gateways.accounts.with_address": (INVITE,),
    "shared.gateways.accounts.clinic_of": (INVITE,),
    "shared.gateways.accounts.route": (INVITE,),
    "shared.gateways.accounts.mail_invitation": (FOLLOW,),
    "shared.gateways.accounts.state": (LOOK_UP,),
    "shared.gateways.identity_platform.account": (),  # who calls it has an entry with the role
    "shared.gateways.identity_platform.mail_password_link": (),
    "shared.gateways.accounts.find": (FOLLOW,),
    "shared.gateways.accounts.follow": (FOLLOW,),
    "shared.gateways.accounts.sign_out": (FOLLOW,),
    "shared.gateways.accounts.delete": (FOLLOW,),
    "shared.gateways.accounts.release": (FOLLOW,),
    "shared.gateways.messaging.send": (
        RequiredRole(
            "custom: cloudmessaging.messages.create",
            PROJECT,
            "projects.messages.send; firebase.google.com/docs/projects/iam/permissions#messaging",
        ),
    ),
    "shared.gateways.writer.write": (
        RequiredRole(
            "custom: aiplatform.endpoints.predict",
            PROJECT,
            f"generateContent; roles/aiplatform.user has hundreds of permissions more; {_IAM}/aiplatform",
        ),
    ),
}
"""By the full name of the adapter's function or class that calls a client."""

STORAGE_AGENT = "@gs-project-accounts.iam.gserviceaccount.com"
SERVICE_AGENTS = {
    "google_storage_bucket": STORAGE_AGENT,
    "google_secret_manager_secret": "@gcp-sa-secretmanager.iam.gserviceaccount.com",
    "google_artifact_registry_repository": "@gcp-sa-artifactregistry.iam.gserviceaccount.com",
    "google_firestore_database": "@gcp-sa-firestore.iam.gserviceaccount.com",
    "google_logging_project_bucket_config": "@gcp-sa-logging.iam.gserviceaccount.com",
}
"""By the type of a resource with CMEK: the suffix of the address of the service agent, which requires
roles/cloudkms.cryptoKeyEncrypterDecrypter on the key (cloud.google.com/kms/docs/cmek)."""
EVENTARC_AGENT = "@gcp-sa-eventarc.iam.gserviceaccount.com"
EVENT_RECEIVER = "roles/eventarc.eventReceiver"
"""The role of a trigger's account on the project (cloud.google.com/eventarc/docs/run/roles-permissions)."""
EVENT_PUBLISHER = "roles/pubsub.publisher"
"""The role of the storage agent on the project, to publish events of objects (same page)."""
