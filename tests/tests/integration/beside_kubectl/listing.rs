//! Which leases are listed, and in which order.

use lease_tests::ApiServer;

use super::make;
use super::row::Agree::{OnLeases, OnlyOursIsWrong, ThatItIsWrong, Wholly};
use super::row::{Agree, Row};
use crate::every_verb::run_all;

const fn row(args: &'static str, agree: Agree) -> Row {
    Row { args, agree }
}

const ROWS: &[Row] = &[
    row("", OnLeases),
    row("-o wide", OnLeases),
    row("-o name", Wholly),
    // Names.
    row("one", OnLeases),
    row("two one three", OnLeases),
    row("one one", OnLeases),
    row("two one -o name", Wholly),
    row("zero", OnLeases),
    row("one zero two none", OnLeases),
    row("zero none", OnLeases),
    row("one -n NS2", OnLeases),
    row("two -n NS2", OnLeases),
    row("one -n no-such-namespace", OnLeases),
    row("one -A", ThatItIsWrong(&[])),
    row("one -l team=blue", ThatItIsWrong(&[])),
    // Labels.
    row("-l team=blue", OnLeases),
    row("-l team==blue", OnLeases),
    row("-lteam=blue", OnLeases),
    row("-l team!=blue", OnLeases),
    row("-l team_in_(blue,red)", OnLeases),
    row("-l team_notin_(blue)", OnLeases),
    row("-l team", OnLeases),
    row("-l !team", OnLeases),
    row("-l team,tier", OnLeases),
    row("-l team=blue,tier!=front", OnLeases),
    row("--selector team=blue", OnLeases),
    row("--selector=team=blue -o name", Wholly),
    row("-l ''", OnLeases),
    row("-l team=green", OnLeases),
    row("-l team=green -o name", Wholly),
    row("-l a=b=c", ThatItIsWrong(&["a=b=c"])),
    row("-l -team=blue", ThatItIsWrong(&[])),
    row("-l team_in_blue", ThatItIsWrong(&["team in blue"])),
    // Fields.
    row("--field-selector metadata.name=one", OnLeases),
    row("--field-selector metadata.name==one", OnLeases),
    row("--field-selector metadata.name!=one", OnLeases),
    row("--field-selector=metadata.namespace=NS1", OnLeases),
    row("--field-selector metadata.namespace=NS2", OnLeases),
    row(
        "--field-selector metadata.name=one,metadata.namespace=NS1",
        OnLeases,
    ),
    row("--field-selector metadata.name!=one -l team", OnLeases),
    row("--field-selector metadata.name=zero", OnLeases),
    row("--field-selector ''", OnLeases),
    row("-A --field-selector metadata.namespace=NS2", OnLeases),
    row(
        "--field-selector spec.holderIdentity=bob",
        ThatItIsWrong(&["spec.holderIdentity"]),
    ),
    row("--field-selector nonsense", ThatItIsWrong(&["nonsense"])),
    row("one --field-selector metadata.name=one", ThatItIsWrong(&[])),
    // Namespaces.
    row("-n NS2", OnLeases),
    row("-nNS2", OnLeases),
    row("--namespace=NS2", OnLeases),
    row("-n ''", OnLeases),
    row("-n NS3", OnLeases),
    row("-n NS3 -o name", Wholly),
    row("-n no-such-namespace", OnLeases),
    row("-A -l table=NS1", OnLeases),
    row("--all-namespaces -l table=NS1", OnLeases),
    row("--all-namespaces=true -l table=NS1", OnLeases),
    row("--all-namespaces=false -l table=NS1", OnLeases),
    row("-A -n NS2 -l table=NS1", OnLeases),
    row("-A -l table=NS1 -o name", Wholly),
    row("-A -l table=none", OnLeases),
    row("-A -l table=none -o name", Wholly),
    // Headings.
    row("--no-headers", OnLeases),
    row("--no-headers=true", OnLeases),
    row("--no-headers=false", OnLeases),
    row("--no-headers two one", OnLeases),
    row("--no-headers -A -l table=NS1", OnLeases),
    row("--no-headers -n NS3", OnLeases),
    // Orders.
    row("--sort-by=metadata.name", OnLeases),
    row("--sort-by .metadata.name", OnLeases),
    row("--sort-by={.metadata.name}", OnLeases),
    row("--sort-by=.metadata.creationTimestamp", OnLeases),
    row("--sort-by=.metadata.creationTimestamp -o name", Wholly),
    row("--sort-by=.spec.leaseDurationSeconds", OnLeases),
    row("--sort-by={.spec.leaseDurationSeconds} -o name", Wholly),
    row("--sort-by=.spec.holderIdentity", OnLeases),
    row("--sort-by=.spec.renewTime", OnLeases),
    row("--sort-by=.metadata.uid", OnLeases),
    row("--sort-by=.metadata.labels.tier -l team=blue", OnLeases),
    row("--sort-by=.spec.leaseTransitions", OnLeases),
    row("--sort-by=.spec.holderIdentity -A -l table=NS1", OnLeases),
    row("--sort-by=.metadata.name -n NS3", OnLeases),
    row("--sort-by=.metadata[", OnlyOursIsWrong(&[".metadata["])),
    row(
        "--sort-by={.metadata.name",
        OnlyOursIsWrong(&["{.metadata.name"]),
    ),
    // Flags that stand before the verb.
    row("-n NS2|", OnLeases),
    row("--namespace=NS2|-o name", Wholly),
    row("--request-timeout=20s -n NS2|one", OnLeases),
    row("-n NS3|-n NS2", OnLeases),
    // Durations.
    row("--request-timeout=20", OnLeases),
    row("--request-timeout 20s", OnLeases),
    row("--request-timeout=1m", OnLeases),
    row("--request-timeout=1h1m1s", OnLeases),
    row("--request-timeout=20000ms", OnLeases),
    row("--request-timeout=0", OnLeases),
    row("--request-timeout=0s", OnLeases),
    row("--request-timeout=20.5s", OnLeases),
    row("--request-timeout=soon", ThatItIsWrong(&["soon"])),
    row("--request-timeout=20x", ThatItIsWrong(&["20x"])),
    // What is empty is not there.
    row("--kubeconfig=''", OnLeases),
    row("--context=''", OnLeases),
    row("--context ''", OnLeases),
    row("--cluster=''", OnLeases),
    row("--user=''", OnLeases),
    row("--server=''", OnLeases),
    row("--token=''", OnLeases),
    row("--as=''", OnLeases),
    row("--tls-server-name=''", OnLeases),
    row("--certificate-authority=''", OnLeases),
    row("--client-certificate='' --client-key=''", OnLeases),
    // What is said twice counts as it was said last.
    row("-n NS3 -n NS2", OnLeases),
    row("-n NS3|-n NS2 -n NS1", OnLeases),
    row("-o json -o name", Wholly),
    row("-l team=red -l team=blue", OnLeases),
    row("--request-timeout=1ms --request-timeout=20s", OnLeases),
    row("-A --all-namespaces=false -l table=NS1", OnLeases),
    row("--context=no-such-context --context=''", OnLeases),
    // Ways to write the same.
    row("-oname", Wholly),
    row("-o=name", Wholly),
    row("--output=name", Wholly),
    row("-n=NS2", OnLeases),
    row("-l=team=blue", OnLeases),
    row("-A=true -l table=NS1", OnLeases),
    row("-- one", OnLeases),
    row("-n NS2 -- one", OnLeases),
    row("-v=0", OnLeases),
    row("--v=0", OnLeases),
    // Nonsense.
    row("--no-such-flag", ThatItIsWrong(&["--no-such-flag"])),
    row("-o no-such-format", ThatItIsWrong(&["no-such-format"])),
    row(
        "--context=no-such-context",
        ThatItIsWrong(&["no-such-context"]),
    ),
    row("--user=no-such-user", ThatItIsWrong(&["no-such-user"])),
];

#[test]
fn the_same_flags_choose_the_same_leases() {
    let namespaces = ApiServer::shared().namespaces("beside", 3);
    let [here, there, empty] = namespaces.as_slice() else {
        unreachable!("three were asked for")
    };
    make(here, there, here.name());
    let placeholders = [
        ("NS1", here.name()),
        ("NS2", there.name()),
        ("NS3", empty.name()),
    ];
    let parted = run_all(ROWS, |row| row.parts(here.admin(), &placeholders));
    let parted: Vec<_> = parted.into_iter().flatten().collect();
    assert!(parted.is_empty(), "\n{}", parted.join("\n"));
}
