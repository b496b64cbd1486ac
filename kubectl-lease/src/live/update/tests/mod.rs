//! What each key and message makes of the state.

mod asking;
mod changing;
mod choosing;
mod following;
mod looking;
mod playing;

use crate::live::locks::LockId;
use crate::live::scene::Scene;

fn scene() -> Scene {
    Scene::new(120, 24)
}

fn id(namespace: &str, name: &str) -> LockId {
    LockId {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

fn notice(scene: &Scene) -> &str {
    scene
        .state
        .notice
        .as_ref()
        .map_or("", |notice| &notice.text)
}
