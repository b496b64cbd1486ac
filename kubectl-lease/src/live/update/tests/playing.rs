//! Keys while a recording is played.

use lease_core::Timestamp;

use super::{notice, scene};
use crate::live::message::{Playing, Wish};
use crate::live::state::Replay;

fn replay(is_paused: bool) -> Replay {
    Replay {
        played: 1,
        of: 2,
        speed: 64.0,
        is_paused,
        wall: Timestamp::from_micros(0),
        has_ended: false,
        is_cut: false,
    }
}

#[test]
fn keys_that_play_a_recording() {
    for page in ["", "d", "h", "w"] {
        for (key, playing) in [
            (" ", Playing::PauseOrGoOn),
            (".", Playing::Step),
            ("+", Playing::Faster),
            ("=", Playing::Faster),
            ("-", Playing::Slower),
        ] {
            let mut scene = scene();
            scene.type_in(page);
            scene.wishes.clear();
            scene.type_in(key);
            assert!(!scene.wishes.contains(&Wish::Play(playing)), "{page}{key}");
            let mut scene = self::scene();
            scene.state.replay = Some(replay(false));
            scene.type_in(page);
            scene.type_in(key);
            assert_eq!(
                scene.wishes.last(),
                Some(&Wish::Play(playing)),
                "{page}{key}"
            );
            assert!(scene.state.frozen.is_none());
        }
    }
    // Where they mean something else.
    for (page, key) in [("?", " "), ("c", " "), ("/", "."), (":", "-")] {
        let mut scene = scene();
        scene.state.replay = Some(replay(false));
        scene.type_in(page);
        scene.type_in(key);
        let plays = scene
            .wishes
            .iter()
            .any(|wish| matches!(wish, Wish::Play(_)));
        assert!(!plays, "{page}{key}");
    }
}

#[test]
fn notices_of_a_recording_can_be_read() {
    let mut scene = scene();
    scene.state.replay = Some(replay(false));
    scene.choose("payments", "billing-batch");
    scene.type_in("s");
    // Eight seconds of it are an eighth of one.
    scene.pass(8_000);
    assert!(notice(&scene).contains("this is a recording"));
    scene.pass(64 * 8_000);
    assert_eq!(notice(&scene), "");
    // Its clock stands.
    scene.state.replay = Some(replay(true));
    scene.type_in("s");
    assert!(notice(&scene).contains("this is a recording"));
    scene.type_in("j");
    assert_eq!(notice(&scene), "");
}

#[test]
fn nothing_is_changed_in_a_recording() {
    let mut scene = scene();
    scene.state.replay = Some(replay(false));
    scene.choose("payments", "billing-batch");
    for keys in ["s", "F", "0", ":ns web\n", ":ctx a\n"] {
        scene.wishes.clear();
        scene.type_in(keys);
        let is_harmless = scene.wishes.iter().all(|wish| *wish == Wish::Names);
        assert!(
            is_harmless && scene.state.dialog.is_none(),
            "{keys}: {:?}",
            scene.wishes
        );
    }
}
