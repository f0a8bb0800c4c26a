"""The proxy between a function and the Firestore emulator, used through Google's own client."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api_core.exceptions import AlreadyExists, FailedPrecondition, PermissionDenied, ServiceUnavailable
from google.cloud import firestore
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

from local.services.firestore.backend import DATABASE, Backend
from local.services.firestore.embedded.backend import EmbeddedFirestore
from local.services.firestore.embedded.database import Database
from local.services.firestore.google.backend import GoogleFirestore
from local.services.firestore.google.channel import EmulatorChannel
from local.services.firestore.proxy import FirestoreProxy
from local.services.firestore.server import SERVICE
from local.services.kit.identity import PROJECT, unsigned_jwt
from local.services.kit.recorder import Call, Fault, Recorder
from local.services.kit.rpc import StatusError
from tests.support.prerequisites import needs_java

pytestmark = pytest.mark.long

DOCUMENTS = f"{DATABASE}/documents"
OWNER = [("authorization", "Bearer owner")]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module", params=["embedded", pytest.param("google", marks=needs_java)])
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    state = tmp_path_factory.mktemp("firestore")
    if request.param == "embedded":
        backend: Backend = EmbeddedFirestore(state, [], drop)
    else:
        backend = GoogleFirestore(state, [], drop, died=drop)
    try:
        backend.wait_ready()
        yield backend
    finally:
        backend.stop()


def drop(*_: object) -> None:
    """Ignore an event."""


@pytest.fixture
def proxy(backend: Backend, recorder: Recorder) -> Iterator[FirestoreProxy]:
    backend.clear()
    proxy = FirestoreProxy("patients", backend, recorder)
    yield proxy
    proxy.stop()


@pytest.fixture
def client(proxy: FirestoreProxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[firestore.Client]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", proxy.address)
    client = firestore.Client(project=PROJECT)
    yield client
    client.close()


@pytest.fixture
def raw(proxy: FirestoreProxy) -> Iterator[FirestoreClient]:
    """The client below `firestore.Client`, with one method for each RPC."""
    with grpc.insecure_channel(proxy.address) as to_proxy:
        yield FirestoreClient(transport=FirestoreGrpcTransport(channel=to_proxy))


def last(recorder: Recorder) -> Call:
    return recorder.calls()[-1]


def expect(recorder: Recorder, method: str, resource: str, **amounts: int) -> None:
    assert last(recorder) == Call("firestore", method, "patients", resource, amounts)


def test_a_commit_counts_its_writes_and_deletes(client: firestore.Client, recorder: Recorder) -> None:
    batch = client.batch()
    batch.set(client.document("clinics/a"), {"name": "Aster"})
    batch.update(client.document("clinics/a"), {"visits": firestore.Increment(1)})
    batch.delete(client.document("clinics/b"))
    batch.commit()
    expect(recorder, "Commit", "clinics/a", writes=2, deletes=1)
    assert client.document("clinics/a").get().to_dict() == {"name": "Aster", "visits": 1}


def test_lookups_count_as_reads_for_missing_documents_too(client: firestore.Client, recorder: Recorder) -> None:
    client.document("clinics/a").set({"name": "Aster"})
    found = list(client.get_all([client.document("clinics/a"), client.document("clinics/b")]))
    assert sorted(snapshot.exists for snapshot in found) == [False, True]
    expect(recorder, "BatchGetDocuments", "clinics/a", reads=2)


def test_a_query_counts_its_results_as_reads_and_at_least_one(client: firestore.Client, recorder: Recorder) -> None:
    for number in range(3):
        client.document(f"clinics/a/visits/{number}").set({"number": number})
    visits = client.collection("clinics/a/visits")
    assert [visit.id for visit in visits.where(filter=firestore.FieldFilter("number", ">", 0)).stream()] == ["1", "2"]
    expect(recorder, "RunQuery", "clinics/a/visits", reads=2)
    assert list(visits.where(filter=firestore.FieldFilter("number", ">", 5)).stream()) == []
    expect(recorder, "RunQuery", "clinics/a/visits", reads=1)


def test_an_aggregation_is_counted_with_its_collection(client: firestore.Client, recorder: Recorder) -> None:
    client.document("clinics/a/visits/1").set({"fee": 100})
    assert client.collection("clinics/a/visits").count().get()[0][0].value == 1
    expect(recorder, "RunAggregationQuery", "clinics/a/visits", reads=1)


def test_the_methods_for_single_documents_are_counted(raw: FirestoreClient, recorder: Recorder) -> None:
    name = f"{DOCUMENTS}/clinics/a"
    collection = {"parent": DOCUMENTS, "collection_id": "clinics"}
    raw.create_document({**collection, "document_id": "a"}, metadata=OWNER)
    expect(recorder, "CreateDocument", "clinics", writes=1)
    raw.update_document({"document": {"name": name}}, metadata=OWNER)
    expect(recorder, "UpdateDocument", "clinics/a", writes=1)
    assert raw.get_document({"name": name}, metadata=OWNER).name == name
    expect(recorder, "GetDocument", "clinics/a", reads=1)
    assert [document.name for document in raw.list_documents(collection, metadata=OWNER)] == [name]
    expect(recorder, "ListDocuments", "clinics", reads=1)
    raw.delete_document({"name": name}, metadata=OWNER)
    expect(recorder, "DeleteDocument", "clinics/a", deletes=1)


def test_a_transaction_passes_the_proxy(client: firestore.Client, recorder: Recorder) -> None:
    counter = client.document("counters/bills")
    counter.set({"last": 41})

    @firestore.transactional
    def take(transaction: firestore.Transaction) -> int:
        number: int = counter.get(transaction=transaction).get("last") + 1
        transaction.update(counter, {"last": number})
        return number

    assert take(client.transaction()) == 42
    assert [call.method for call in recorder.calls()][1:] == ["BeginTransaction", "BatchGetDocuments", "Commit"]
    assert counter.get().get("last") == 42


def test_an_error_keeps_its_code_and_message(client: firestore.Client, recorder: Recorder) -> None:
    document = client.document("clinics/a")
    document.create({"name": "Aster"})
    mark = recorder.mark()
    with pytest.raises(AlreadyExists) as refused:
        document.create({"name": "Other"})
    assert "clinics/a" in refused.value.message
    stale = client.write_option(last_update_time=client.document("clinics/a").get().update_time)
    document.update({"name": "Newer"})
    with pytest.raises(FailedPrecondition):
        document.update({"name": "Stale"}, option=stale)
    assert [call.method for call in recorder.calls(mark)] == [
        "BatchGetDocuments",
        "Commit",
    ]  # a failed call has no effect


def test_the_callers_token_reaches_the_rules(raw: FirestoreClient, client: firestore.Client) -> None:
    client.document("clinics/a").set({"name": "Aster"})
    token = unsigned_jwt({"sub": "someone", "aud": PROJECT, "iss": f"https://securetoken.google.com/{PROJECT}"})
    name = f"{DOCUMENTS}/clinics/a"
    with pytest.raises(PermissionDenied):
        raw.get_document({"name": name}, metadata=[("authorization", f"Bearer {token}")])
    assert raw.get_document({"name": name}, metadata=OWNER).name == name


def test_a_lost_response_keeps_the_commit(client: firestore.Client, recorder: Recorder) -> None:
    fault = recorder.plant(Fault("firestore", "Commit", "patients", "cut", resource="clinics/a"))
    client.document("clinics/b").set({"name": "Begonia"})
    with pytest.raises(ServiceUnavailable):
        client.document("clinics/a").set({"name": "Aster"}, retry=None)
    assert fault.fired.is_set()
    assert client.document("clinics/a").get().to_dict() == {"name": "Aster"}


def test_a_killed_caller_is_dead_before_the_response_is_sent(client: firestore.Client, recorder: Recorder) -> None:
    killed: list[str] = []
    recorder.kill = killed.append
    recorder.plant(Fault("firestore", "RunQuery", "patients", "kill"))
    with pytest.raises(ServiceUnavailable):
        list(client.collection("clinics").stream(retry=None))
    assert killed == ["patients"]


def test_a_deadline_ends_the_call(tmp_path: Path, recorder: Recorder) -> None:
    """The commit waits for another commit, which ends after the deadline."""
    database = Database(DATABASE, tmp_path)
    proxy = FirestoreProxy("patients", database, recorder)
    request = types.CommitRequest(database=DATABASE, writes=[types.Write(delete=f"{DOCUMENTS}/clinics/a")])
    with database._storage.writing(timeout=1):
        try:
            with grpc.insecure_channel(proxy.address) as to_proxy:
                call: Any = to_proxy.unary_unary(f"{SERVICE}Commit")
                with pytest.raises(grpc.RpcError, match="DEADLINE_EXCEEDED"):
                    call(types.CommitRequest.serialize(request), metadata=OWNER, timeout=0.2)
        finally:
            proxy.stop()  # waits for the call, whose own deadline may be a moment later than the caller's
    database.stop()
    assert recorder.calls() == []


def test_a_deadline_ends_a_call_to_an_emulator_that_does_not_respond() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        emulator = EmulatorChannel(f"127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(StatusError) as ended:
            emulator.call("BeginTransaction", b"", "", timeout=0.2)
        emulator.close()
    assert ended.value.code == grpc.StatusCode.DEADLINE_EXCEEDED


def test_bidirectional_streams_are_not_implemented(proxy: FirestoreProxy) -> None:
    with grpc.insecure_channel(proxy.address) as to_proxy:
        listen: Any = to_proxy.stream_stream("/google.firestore.v1.Firestore/Listen")
        with pytest.raises(grpc.RpcError, match="UNIMPLEMENTED"):
            list(listen(iter([b""])))


def test_a_response_larger_than_the_default_message_limit_passes(client: firestore.Client) -> None:
    for number in range(8):
        client.document(f"patients/{number}").set({"sealed": "x" * 900_000})  # not indexed
    assert sum(len(document.get("sealed")) for document in client.collection("patients").stream()) == 7_200_000
