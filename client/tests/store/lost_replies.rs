//! Writes whose replies are lost end as what they were, and never happen twice.

use lease_client::{Lease, LeaseStore, Store, WriteError, carry_out};
use lease_sandbox::{Cluster, Server};
use serde_json::{Value, json};

use crate::fixture::{
    NAMESPACE, SOON, cluster, create, free, holder_of, pass_on, read, store, taking, version,
    version_of,
};
use crate::front::{Fate, Front, Request, answer};

/// A free lock, and a front before its server that treats the nth write as the nth fate says, and
/// all that comes later as usual.
struct Scene {
    cluster: Cluster,
    front: Front,
    lock: Lease,
    store: LeaseStore,
    _server: Server,
}

impl Scene {
    async fn new(writes: Vec<Fate>) -> Self {
        Self::with(writes, |_| Fate::Forward).await
    }

    /// `reads` is asked for the fate of a read after the first write.
    async fn with(
        writes: Vec<Fate>,
        mut reads: impl FnMut(&Request) -> Fate + Send + 'static,
    ) -> Self {
        let (cluster, server) = cluster().await;
        create(&cluster, &free("lock"));
        let mut writes = writes.into_iter();
        let mut written = false;
        let front = Front::before(server.addr(), move |request| {
            if request.method != "GET" {
                written = true;
                writes.next().unwrap_or(Fate::Forward)
            } else if written {
                reads(request)
            } else {
                Fate::Forward
            }
        })
        .await;
        let store = store(&front.url(), SOON).await;
        let lock = read(&store, "lock").await;
        Self {
            cluster,
            front,
            lock,
            store,
            _server: server,
        }
    }

    async fn take(&self) -> Result<Lease, WriteError> {
        let write = taking(Some(&self.lock), "me");
        let current = Some(&self.lock);
        let carried_out = carry_out(&self.store, NAMESPACE, "lock", current, &write).await;
        carried_out.map(|dated| dated.value)
    }

    /// What stands on the server.
    fn spec(&self) -> Value {
        self.cluster.get(NAMESPACE, "lock").unwrap()["spec"].clone()
    }

    fn assert_taken_once(&self) {
        let spec = self.spec();
        assert_eq!(spec["holderIdentity"], "me");
        assert_eq!(spec["leaseTransitions"], 4);
    }

    fn assert_untouched(&self) {
        let spec = self.spec();
        assert_eq!(spec["holderIdentity"], "");
        assert_eq!(spec["leaseTransitions"], 3);
    }
}

#[tokio::test]
async fn a_write_whose_reply_is_lost_has_landed() {
    let scene = Scene::new(vec![Fate::DropReply]).await;
    let after = scene.take().await.unwrap();
    assert_eq!(scene.front.count("PUT"), 1, "it was not sent again");
    assert_eq!(version_of(&after), scene.cluster.version());
    scene.assert_taken_once();
}

#[tokio::test]
async fn a_write_that_is_lost_is_sent_again() {
    let scene = Scene::new(vec![Fate::DropRequest, Fate::DropRequest]).await;
    let after = scene.take().await.unwrap();
    assert_eq!(scene.front.count("PUT"), 3);
    assert_eq!(holder_of(&after), "me");
    scene.assert_taken_once();
}

#[tokio::test]
async fn of_a_write_and_its_repetition_one_lands() {
    // The repetition is first.
    let scene = Scene::new(vec![Fate::Hold]).await;
    let after = scene.take().await.unwrap();
    scene.front.deliver().await;
    scene.assert_taken_once();
    assert_eq!(version_of(&after), scene.cluster.version());

    // The first attempt is, and the repetition gets a conflict: with ourselves.
    let scene = Scene::new(vec![Fate::Hold, Fate::OvertakenByHeld]).await;
    let after = scene.take().await.unwrap();
    assert_eq!(holder_of(&after), "me");
    assert_eq!(scene.front.count("PUT"), 2);
    scene.assert_taken_once();
}

#[tokio::test]
async fn a_write_that_somebody_overtook_is_told_as_that() {
    let (cluster, server) = cluster().await;
    create(&cluster, &free("lock"));
    let other = cluster.clone();
    let front = Front::before(server.addr(), move |request| {
        if request.method == "PUT" {
            pass_on(&other, "lock", "somebody");
            return Fate::Hold;
        }
        Fate::Forward
    })
    .await;
    let store = store(&front.url(), SOON).await;
    let lock = read(&store, "lock").await;
    let write = taking(Some(&lock), "me");

    let result = carry_out(&store, NAMESPACE, "lock", Some(&lock), &write).await;
    assert!(matches!(result, Err(WriteError::Overtaken)), "{result:?}");
    // Nor does it land later.
    front.deliver().await;
    assert_eq!(front.count("PUT"), 1);
    let stands = cluster.get(NAMESPACE, "lock").unwrap();
    assert_eq!(stands["spec"]["holderIdentity"], "somebody");
}

#[tokio::test]
async fn a_write_that_cannot_be_read_back_is_unknown() {
    let scene = Scene::with(vec![Fate::DropReply], |_| Fate::DropRequest).await;
    let result = scene.take().await;
    assert!(matches!(result, Err(WriteError::Unknown(_))), "{result:?}");
    assert_eq!(scene.front.count("PUT"), 1, "it was not sent blindly");
    scene.assert_taken_once();
}

#[tokio::test]
async fn a_write_that_is_lost_time_and_again_is_unknown() {
    let scene = Scene::new(vec![Fate::DropRequest; 9]).await;
    let result = scene.take().await;
    assert!(matches!(result, Err(WriteError::Unknown(_))), "{result:?}");
    scene.assert_untouched();
}

/// The first attempt is under way when the second is refused: it may land yet.
async fn refused_after_an_attempt_under_way(code: u16) {
    let refusal = answer(code, &[], &json!({"kind": "Status", "message": "no"}));
    let scene = Scene::new(vec![Fate::Hold, refusal]).await;
    let result = scene.take().await;
    assert!(
        matches!(result, Err(WriteError::Unknown(_))),
        "{code}: {result:?} says that nothing was written, and then it is"
    );
    scene.front.deliver().await;
    scene.assert_taken_once();
}

#[tokio::test]
async fn a_refused_repetition_does_not_tell_that_nothing_was_written() {
    for code in [401, 403, 422, 429] {
        refused_after_an_attempt_under_way(code).await;
    }
}

#[tokio::test]
async fn a_lock_is_created_once() {
    for (fate, posts) in [
        (Fate::DropReply, 1),
        (Fate::DropRequest, 2),
        (Fate::Hold, 2),
    ] {
        let scene = Scene::new(vec![fate]).await;
        let write = taking(None, "me");
        let made = carry_out(&scene.store, NAMESPACE, "new", None, &write).await;
        scene.front.deliver().await;
        let made = made.unwrap().value;
        let stands = scene.cluster.get(NAMESPACE, "new").unwrap();
        assert_eq!(scene.front.count("POST"), posts);
        assert_eq!(version_of(&made), version(&stands));
        assert_eq!(stands["spec"]["holderIdentity"], "me");
        assert_eq!(stands["spec"]["leaseTransitions"], 0);
    }
}

#[tokio::test]
async fn nothing_is_read_back_where_the_outcome_is_known() {
    let scene = Scene::new(Vec::new()).await;
    pass_on(&scene.cluster, "lock", "somebody");
    let result = scene.take().await;
    assert!(matches!(result, Err(WriteError::Conflict(_))), "{result:?}");
    // One before the write, none after it.
    assert_eq!(scene.front.count("GET"), 1);
}

#[tokio::test]
async fn a_deleted_lock_is_not_raised_from_the_dead() {
    let scene = Scene::new(Vec::new()).await;
    let options = lease_sandbox::DeleteOptions::default();
    scene.cluster.delete(NAMESPACE, "lock", &options).unwrap();
    let result = scene.take().await;
    assert!(
        matches!(result, Err(WriteError::Conflict(_) | WriteError::Gone(_))),
        "{result:?}"
    );
    let gone = scene.store.get(NAMESPACE, "lock").await.unwrap();
    assert!(gone.value.is_none());
}
