//! What each verb does with `configmap/NAME`.

use jiff::Timestamp;
use lease_tests::{ApiServer, Output, Process};
use serde_json::json;

use super::world::{LOCK, OWNER, POD, TYPED, expires_at, get, kvdis, plugin, pod};
use crate::lock::{LIMIT, until};

/// On the wire it is what kvdi makes, and reads.
#[test]
fn a_lock_is_created_for_its_pod_and_deleted_when_it_is_given_back() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let pod = client.kubectl(["get", "pod", POD, "-o", "json"]).json();

    let before = Timestamp::now().as_second();
    let acquire = [
        "acquire",
        TYPED,
        "--try",
        OWNER,
        "--identity=a",
        "--duration=60s",
    ];
    let said = plugin(client, &acquire).success().stdout.clone();
    assert!(said.starts_with("configmap/desktop acquired\n"), "{said}");
    assert!(said.contains("  identity: a\n"), "{said}");

    let object = get(client, LOCK).unwrap();
    assert_eq!(
        object["metadata"]["ownerReferences"],
        json!([{
            "apiVersion": "v1", "kind": "Pod", "name": POD, "uid": pod["metadata"]["uid"],
            "controller": true, "blockOwnerDeletion": false,
        }])
    );
    // Others wait for the lease, and for the margin that covers how their clocks differ.
    let left = expires_at(&object) - before;
    assert!((65..=67).contains(&left), "{object:#}");
    assert_eq!(object["data"].as_object().unwrap().len(), 1, "{object:#}");

    let other = plugin(client, &["release", TYPED, "--identity=b"]);
    assert_eq!(other.code, Some(3), "{other:?}");
    assert!(get(client, LOCK).is_some());
    let released = plugin(client, &["release", TYPED, "--identity=a"]);
    assert_eq!(released.success().stdout, "configmap/desktop released\n");
    assert!(get(client, LOCK).is_none());
    let again = plugin(client, &["release", TYPED, "--identity=a"]);
    assert_eq!(
        again.success().stdout,
        "configmap/desktop is free already\n"
    );
}

#[test]
fn a_command_runs_under_a_lock_that_is_gone_afterwards() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let script = "echo $LEASE_NAME; \"$0\" check; \"$0\" renew; sleep 1";
    let mut command = client.plugin_command();
    let program = command.get_program().to_owned();
    command.args(["run", TYPED, OWNER, "--", "sh", "-c", script]);
    command.arg(program);
    let ran = Output::of(&mut command);
    let said = &ran.success().stdout;
    assert!(said.starts_with("configmap/desktop\n"), "{said}");
    assert!(said.contains("configmap/desktop is healthy"), "{said}");
    assert!(said.contains("configmap/desktop renewed"), "{said}");
    assert!(get(client, LOCK).is_none());
}

/// Nothing says whose it would be, or nobody is there, or it would be nobody's.
#[test]
fn a_lock_needs_a_pod_that_is_there() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    for (line, code, why) in [
        (
            "acquire configmap/x --try",
            1,
            "whose shall \"configmap/x\" be?",
        ),
        ("run configmap/x -- true", 125, "--owner pod/NAME"),
        (
            "acquire configmap/x --try --owner=pod/nobody",
            1,
            "there is no pod \"nobody\"",
        ),
        (
            "acquire configmap/x --try --owner=web-0",
            1,
            "typed as pod/NAME",
        ),
        (
            "acquire x --try --owner=pod/web-0",
            1,
            "--owner is for configmap/NAME",
        ),
        (
            "acquire secret/x --try",
            1,
            "locks are leases or config maps",
        ),
        ("acquire cm/X --try", 1, "did you mean \"x\"?"),
        (
            "renew configmap/x --identity=a",
            3,
            "nobody holds \"configmap/x\"",
        ),
        (
            "steal configmap/x --release",
            3,
            "nobody holds \"configmap/x\"",
        ),
        ("describe configmap/x", 3, "nobody holds \"configmap/x\""),
        (
            "release configmap/x --identity=a --to=b",
            3,
            "cannot be handed to b",
        ),
        ("ls configmap/x", 1, "`ls` knows leases only"),
        ("doctor configmap/x", 1, "`doctor` knows leases only"),
    ] {
        let said = plugin(client, &line.split(' ').collect::<Vec<_>>());
        assert_eq!(said.code, Some(code), "{line}: {said:?}");
        assert!(said.stderr.contains(why), "{line}: {said:?}");
        assert!(get(client, "x").is_none(), "{line}");
    }
    // In a pod, by the variables that kvdi reads, it is that one; of another namespace it cannot be.
    for (home, code) in [(namespace.name(), 0), ("elsewhere", 1)] {
        let mut command = client.plugin_command();
        command.args(["run", "configmap/x", "--", "true"]);
        command.env("POD_NAME", POD).env("POD_NAMESPACE", home);
        let said = Output::of(&mut command);
        let code = if code == 0 { 0 } else { 125 };
        assert_eq!(said.code, Some(code), "{said:?}");
    }
}

/// Somebody's data is not somebody's lock, whatever is done with it.
#[test]
fn a_config_map_that_is_no_lock_stays_as_it_is() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let mut settings = kvdis(client, "settings", POD, Some(-600));
    let data = json!({"data": {"expiresAt": "5", "colour": "blue"}}).to_string();
    let patch = [
        "patch",
        "configmap",
        "settings",
        "--type=merge",
        "-p",
        &data,
        "-o",
        "json",
    ];
    settings["metadata"] = client.kubectl(patch).json()["metadata"].take();
    client.create(&json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "plain"},
    }));
    for name in ["settings", "plain"] {
        let typed = format!("configmap/{name}");
        let before = get(client, name).unwrap();
        let version = before["metadata"]["resourceVersion"].as_str().unwrap();
        let version = format!("--resource-version={version}");
        for (args, codes) in [
            (vec!["acquire", &typed, "--try", OWNER], [3, 4]),
            (vec!["acquire", &typed, "--timeout=2s", OWNER], [3, 4]),
            (vec!["steal", &typed, OWNER], [3, 3]),
            (vec!["steal", &typed, "--release"], [3, 3]),
            (vec!["force-release", &typed, "--yes", &version], [3, 3]),
            (vec!["release", &typed, "--identity=a"], [3, 3]),
            (vec!["run", &typed, OWNER, "--", "true"], [125, 124]),
        ] {
            let said = plugin(client, &args);
            assert!(
                said.code.is_some_and(|code| codes.contains(&code)),
                "{args:?}: {said:?}"
            );
            assert!(said.stderr.contains("it is no lock"), "{args:?}: {said:?}");
        }
        assert_eq!(get(client, name).unwrap(), before);
    }
}

#[test]
fn a_lock_is_shown_checked_and_waited_for() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let free = plugin(client, &["wait", TYPED, "--timeout=0s"]);
    assert_eq!(free.success().stdout, "configmap/desktop does not exist\n");
    let free = plugin(client, &["check", TYPED]);
    assert_eq!(
        free.success().stdout,
        "configmap/desktop is free: there is no holder to check\n"
    );
    let wait = ["wait", TYPED, "--for=held", "--timeout=30s"];
    let mut waiting = Process::start(client.plugin_command().args(wait));
    kvdis(client, LOCK, POD, Some(600));
    assert!(waiting.wait(LIMIT).success());

    let shown = plugin(client, &["describe", TYPED])
        .success()
        .stdout
        .clone();
    for line in [
        "Name:            desktop\n",
        "the pod web-0 is there\n",
        "Dialect:         configmap\n",
        "nobody waits in line",
        "State:           held, ends in ",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    let json = plugin(client, &["describe", TYPED, "-o", "json"]).json();
    assert_eq!(json["kind"], "ConfigMap");
    assert_eq!(json["status"]["state"], "held");
    let name = plugin(client, &["describe", TYPED, "-o", "name"]);
    assert_eq!(name.success().stdout, "configmap/desktop\n");
    let healthy = plugin(client, &["check", TYPED]).success().stdout.clone();
    assert!(healthy.contains("is healthy: pod/web-0 ("), "{healthy}");
    let timing = plugin(client, &["timing", TYPED]).success().stdout.clone();
    assert!(timing.contains("lease duration"), "{timing}");

    client.kubectl(["delete", "configmap", LOCK]).success();
    kvdis(client, LOCK, POD, None);
    let unbounded = plugin(client, &["describe", TYPED])
        .success()
        .stdout
        .clone();
    assert!(
        unbounded.contains("State:           unbounded: it never expires"),
        "{unbounded}"
    );
    client.kubectl(["delete", "configmap", LOCK]).success();
    // One that is over when it is created, as kvdi makes it after a long wait.
    let wait = ["wait", TYPED, "--for=expired", "--timeout=30s"];
    let mut waiting = Process::start(client.plugin_command().args(wait));
    kvdis(client, LOCK, POD, Some(-5));
    assert!(waiting.wait(LIMIT).success());
}

#[test]
fn a_broken_lock_is_deleted_and_can_be_put_back() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let before = kvdis(client, LOCK, POD, None);
    let dry = plugin(client, &["force-release", TYPED, "--dry-run=server"]);
    let said = dry.success().stderr.clone();
    for line in [
        "configmap/desktop in namespace",
        "the pod web-0 is there",
        "does not hear of it",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let asked = plugin(client, &["force-release", TYPED]);
    assert_eq!(asked.code, Some(3), "{asked:?}");
    let old = ["force-release", TYPED, "--yes", "--resource-version=1"];
    assert_eq!(plugin(client, &old).code, Some(3));
    assert_eq!(get(client, LOCK).unwrap(), before);

    let version = before["metadata"]["resourceVersion"].as_str().unwrap();
    let version = format!("--resource-version={version}");
    let broken = plugin(client, &["force-release", TYPED, "--yes", &version]);
    let said = broken.success().stdout.clone();
    assert!(
        said.starts_with("configmap/desktop broken; it was held by pod/web-0 ("),
        "{said}"
    );
    assert!(get(client, LOCK).is_none());
    // What was printed is typed.
    let (_, command) = said.split_once("to put its record back:\n").unwrap();
    assert!(
        command.starts_with("kubectl create -f - <<'EOF'\n"),
        "{command}"
    );
    let typed = client
        .command("bash")
        .args(["-c", command])
        .status()
        .unwrap();
    assert!(typed.success());
    let back = get(client, LOCK).unwrap();
    for key in ["data", "kind"] {
        assert_eq!(back[key], before[key]);
    }
    assert_eq!(
        back["metadata"]["ownerReferences"],
        before["metadata"]["ownerReferences"]
    );
    client.kubectl(["delete", "configmap", LOCK]).success();
    let nobody = plugin(client, &["force-release", TYPED, "--yes", &version]);
    assert_eq!(
        nobody.success().stdout,
        "configmap/desktop is free already\n"
    );
}

/// A holder of ours watches its lock.
#[test]
fn a_command_is_ended_when_its_lock_is_gone() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let mut command = client.plugin_command();
    command.args(["run", TYPED, OWNER, "--", "sleep", "100"]);
    let mut run = Process::start(&mut command);
    until("it is held", || get(client, LOCK).is_some());
    // As a contender of kvdi does it.
    client.kubectl(["delete", "configmap", LOCK]).success();
    let ended = run.wait(LIMIT);
    assert_eq!(ended.code(), Some(122), "{}", run.stderr());
    assert!(get(client, LOCK).is_none());
}

/// `release` asks who runs.
#[test]
fn a_command_is_ended_when_its_lock_is_asked_for() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let mut command = client.plugin_command();
    command.args(["run", TYPED, OWNER, "--identity=a", "--", "sleep", "100"]);
    let mut run = Process::start(&mut command);
    until("it is held", || get(client, LOCK).is_some());
    let released = plugin(client, &["release", TYPED, "--identity=a"]);
    assert_eq!(released.success().stdout, "configmap/desktop released\n");
    assert_eq!(run.wait(LIMIT).code(), Some(143), "{}", run.stderr());
    assert!(get(client, LOCK).is_none());
}

#[test]
fn a_dry_run_changes_nothing() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    for dry in ["--dry-run=client", "--dry-run=server"] {
        let acquire = ["acquire", TYPED, "--try", OWNER, dry];
        let said = plugin(client, &acquire).success().stdout.clone();
        assert!(said.starts_with("configmap/desktop acquired ("), "{said}");
        assert!(get(client, LOCK).is_none());
    }
    let acquire = [
        "acquire",
        TYPED,
        "--try",
        OWNER,
        "--identity=a",
        "--duration=1h",
    ];
    plugin(client, &acquire).success();
    let before = get(client, LOCK).unwrap();
    for dry in ["--dry-run=client", "--dry-run=server"] {
        for verb in ["renew", "release"] {
            plugin(client, &[verb, TYPED, "--identity=a", dry]).success();
            assert_eq!(get(client, LOCK).unwrap(), before, "{verb} {dry}");
        }
    }
}

#[test]
fn what_is_done_to_a_lock_leaves_an_event() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let acquire = ["acquire", TYPED, "--try", OWNER, "--identity=a"];
    plugin(client, &acquire).success();
    plugin(client, &["release", TYPED, "--identity=a"]).success();
    plugin(client, &["run", TYPED, OWNER, "--", "true"]).success();
    let list = client
        .kubectl(["get", "events.events.k8s.io", "-o", "json"])
        .json();
    let mut told: Vec<_> = list["items"].as_array().unwrap().iter().collect();
    told.sort_by_key(|event| event["eventTime"].as_str().unwrap().to_owned());
    let reasons: Vec<_> = told.iter().map(|event| &event["reason"]).collect();
    assert_eq!(reasons, ["Acquired", "Released", "Acquired", "Released"]);
    for event in told {
        let about = &event["regarding"];
        let kind = [&about["apiVersion"], &about["kind"], &about["name"]];
        assert_eq!(kind, ["v1", "ConfigMap", LOCK], "{event:#}");
        assert!(about["uid"].is_string(), "{event:#}");
    }
    let shown = client
        .kubectl(["events", "--for", "configmap/desktop"])
        .success();
    assert!(shown.stdout.contains("a acquired the lock"), "{shown:?}");
}

/// Its guardian sees to the command, and nobody is in the way of who comes next.
#[cfg(target_os = "linux")]
#[test]
fn a_command_whose_run_is_killed_is_ended_before_the_lock_is_free() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let folder = tempfile::tempdir().unwrap();
    let script = "echo $$ > \"$0\".new; mv \"$0\".new \"$0\"; exec sleep 100";
    let number = folder.path().join("number");
    let mut command = client.plugin_command();
    command.args([
        "run",
        TYPED,
        OWNER,
        "--duration=6s",
        "--",
        "sh",
        "-c",
        script,
    ]);
    let mut run = Process::start(command.arg(&number));
    until("the command runs", || number.exists());
    let number = std::fs::read_to_string(&number).unwrap();
    let running = std::path::Path::new("/proc").join(number.trim());
    assert!(running.exists());

    run.kill();
    let next = ["acquire", TYPED, OWNER, "--identity=b", "--timeout=40s"];
    plugin(client, &next).success();
    assert!(!running.exists());
    plugin(client, &["release", TYPED, "--identity=b"]).success();
}
