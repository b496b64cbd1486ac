//! Stealing: who may, who wins, and what the others are told.

use std::process::Stdio;
use std::time::{Duration, Instant};

use lease_tests::{ApiServer, Client, Process};
use serde_json::json;

use crate::lock::{
    AT_ONCE, LIMIT, clear_stamps, create_expired, create_without_stamp, get, held, holder, renew,
    state, timed,
};

#[test]
fn a_lock_that_is_over_is_taken_at_once_with_the_proof() {
    let namespace = ApiServer::shared().namespace("thieves");
    let client = namespace.admin();
    create_expired(client, "lock", "victim", 600);

    let (output, took) = timed(client, &["steal", "lock", "--identity", "thief"]);

    let said = output.success().stdout;
    assert!(took < AT_ONCE, "{took:?}");
    assert!(
        said.starts_with("lease/lock stolen from victim\n"),
        "{said}"
    );
    assert!(
        said.contains("the lease lasts 600s, the margin is 5s"),
        "{said}"
    );
    let lease = get(client, "lock");
    assert_eq!(lease["spec"]["holderIdentity"], "thief");
    assert_eq!(lease["spec"]["leaseTransitions"], 4);
    assert_eq!(lease["spec"]["leaseDurationSeconds"], 300);
    assert_eq!(state(client, "lock"), "held");
    let version = lease["metadata"]["resourceVersion"].as_str().unwrap();
    assert!(said.contains(&format!("token:    {version}\n")), "{said}");
}

#[test]
fn of_ten_thieves_one_wins() {
    let namespace = ApiServer::shared().namespace("thieves");
    let client = namespace.admin();
    create_expired(client, "lock", "victim", 15);

    let names: Vec<_> = (0..10).map(|number| format!("thief-{number}")).collect();
    let started: Vec<_> = names
        .iter()
        .map(|name| {
            let mut command = client.plugin_command();
            command.args(["steal", "lock", "--identity", name]);
            let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let outputs: Vec<_> = started
        .into_iter()
        .map(|child| child.wait_with_output().unwrap())
        .collect();

    let lease = get(client, "lock");
    let winner = lease["spec"]["holderIdentity"].as_str().unwrap();
    let mut winners = Vec::new();
    for (name, output) in names.iter().zip(&outputs) {
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => winners.push(name),
            Some(3 | 4) => assert!(said.contains(winner), "{name}: {said}"),
            code => panic!("{name} ended with {code:?}: {said}"),
        }
    }
    assert_eq!(winners, [winner]);
    assert_eq!(lease["spec"]["leaseTransitions"], 4);
}

#[test]
fn a_lock_without_stamp_is_watched_for_its_whole_duration() {
    let namespace = ApiServer::shared().namespace("thieves");
    let client = namespace.admin();
    create_without_stamp(client, "lock", "victim", 4);

    let (output, took) = timed(client, &["steal", "lock", "--identity", "thief"]);

    let output = output.success();
    assert!(took >= Duration::from_secs(4), "{took:?}");
    assert!(output.stderr.contains("watching lock for 4s"), "{output:?}");
    assert!(
        output
            .stdout
            .contains("did not change while it was watched"),
        "{output:?}"
    );
    assert_eq!(holder(client, "lock"), "thief");
}

/// A thief that has begun to watch.
pub(crate) fn watching(client: &Client, args: &[&str]) -> Process {
    let thief = Process::start(client.plugin_command().args(args));
    crate::lock::until("the thief watches", || {
        thief.stderr().contains("watching lock")
    });
    thief
}

#[test]
fn a_holder_that_is_seen_to_renew_keeps_its_lock() {
    let namespace = ApiServer::shared().namespace("thieves");
    let client = namespace.admin();
    create_without_stamp(client, "lock", "victim", 30);

    let started = Instant::now();
    let mut thief = watching(client, &["steal", "lock", "--identity", "thief"]);
    renew(client, "lock", "victim");

    assert_eq!(thief.wait(LIMIT).code(), Some(3), "{}", thief.stderr());
    assert!(started.elapsed() < Duration::from_secs(30));
    let said = thief.stderr();
    assert!(
        said.contains("\"lock\" is held by victim, whose lease"),
        "{said}"
    );
    assert_eq!(holder(client, "lock"), "victim");
}

#[test]
fn a_label_is_no_sign_of_life() {
    let namespace = ApiServer::shared().namespace("thieves");
    let client = namespace.admin();
    create_without_stamp(client, "lock", "victim", 5);

    let mut thief = watching(client, &["steal", "lock", "--identity", "thief"]);
    let label = json!({"metadata": {"labels": {"team": "blue"}}});
    crate::lock::patch(client, "lock", "robot", &label);

    assert!(thief.wait(LIMIT).success(), "{}", thief.stderr());
    let lease = get(client, "lock");
    assert_eq!(lease["spec"]["holderIdentity"], "thief");
    assert_eq!(lease["metadata"]["labels"]["team"], "blue");
}

#[test]
fn a_stolen_lock_can_be_left_free() {
    let namespace = ApiServer::shared().namespace("thieves");
    let client = namespace.admin();
    create_expired(client, "lock", "victim", 15);

    let output = client.plugin(["steal", "lock", "--release"]).success();

    assert!(
        output.stdout.contains("it was held by victim"),
        "{output:?}"
    );
    let spec = get(client, "lock")["spec"].take();
    assert_eq!(spec["holderIdentity"], "");
    assert_eq!(spec["leaseTransitions"], 3);
    assert_eq!(spec.as_object().unwrap().len(), 5, "{spec}");
    assert_eq!(state(client, "lock"), "free");
    assert_eq!(client.plugin(["steal", "lock"]).code, Some(3));
}

#[test]
fn a_lock_is_watched_although_its_stamp_is_old_if_its_record_is_not() {
    let namespace = ApiServer::shared().namespace("thieves");
    let client = namespace.admin();
    create_expired(client, "lock", "victim", 3);
    // Whoever moves stamps back does not get a live holder's lock for it.
    let managers = get(client, "lock")["metadata"]["managedFields"].take();
    renew(client, "lock", "victim");
    let forged = json!({"metadata": {"labels": {"forged": ""}, "managedFields": managers}});
    crate::lock::patch(client, "lock", "forger", &forged);

    let stamped = client.plugin(["steal", "lock", "--expiry", "stamped"]);
    assert_eq!(stamped.code, Some(3), "{stamped:?}");
    assert_eq!(holder(client, "lock"), "victim");
}

#[test]
fn a_lock_that_rests_since_before_the_server_started_is_watched() {
    let mut server = ApiServer::start();
    server.admin().create(&held("lock", "victim", 3));
    clear_stamps(server.admin(), "lock");
    server.restart();
    // The watch cache begins now, later than the lock's version.
    server.admin().create(&held("other", "somebody", 3));

    let (output, took) = timed(server.admin(), &["steal", "lock", "--identity", "thief"]);

    output.success();
    assert!(took >= Duration::from_secs(3), "{took:?}");
    assert_eq!(holder(server.admin(), "lock"), "thief");
}
