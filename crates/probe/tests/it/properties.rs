//! What holds for every recording, whatever people call their things.

use probe::Sanitiser;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sanitised;

/// A name as people give them, marked, so that nothing of Azure's is by chance a part of it.
fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z]{0,3}(qz|Qz|QZ)[a-zA-Z0-9]{2,8}([-_][a-zA-Z0-9]{1,6}){0,2}"
}

fn guid() -> impl Strategy<Value = String> {
    "[1-9][0-9a-f]{7}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}"
}

fn address() -> impl Strategy<Value = String> {
    (11_u8..99, 1_u8..=254, 1_u8..=254, 1_u8..=254)
        .prop_map(|(a, b, c, d)| format!("{a}.{b}.{c}.{d}"))
}

/// What sentences are made of.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,12}",
        name().prop_map(|it| format!("'{it}'")),
        guid(),
        address(),
        (name(), name()).prop_map(|(user, host)| format!("{user}@{host}.com")),
        name().prop_map(|it| format!("{it}.blob.core.windows.net")),
        (name(), name()).prop_map(|(host, path)| format!("https://{host}.org/{path}?sig={path}")),
        (guid(), name())
            .prop_map(|(guid, it)| format!("/subscriptions/{guid}/resourceGroups/{it}")),
        name().prop_map(|it| format!("Microsoft.Sql/servers/{it}")),
    ]
}

#[derive(Debug, Clone)]
struct World {
    names: Vec<String>,
    guid: String,
    address: String,
}

fn world() -> impl Strategy<Value = World> {
    (proptest::collection::vec(name(), 5), guid(), address())
        .prop_map(|(names, guid, address)| World { names, guid, address })
}

/// The same things, said in the ways in which answers say them.
fn body(world: &World) -> Value {
    let [group, server, disk, user, host] = &world.names[..] else { panic!("five names") };
    let World { guid, address, .. } = world;
    let upper = server.to_ascii_uppercase();
    json!({
        "id": format!("/subscriptions/{guid}/resourceGroups/{group}/providers/Microsoft.Sql/servers/{server}"),
        "name": server,
        "type": "Microsoft.Sql/servers",
        "location": "eastus",
        "tags": {user: host},
        "properties": {
            "state": "Ready",
            "replicationRole": "Primary",
            "fullyQualifiedDomainName": format!("{server}.database.windows.net"),
            "message": format!("Server {upper} in group '{group}' at {address} ({guid}): see {host}.internal.test and {user}@{host}.com."),
            "diskName": format!("{disk}-ASRReplica"),
            "lower": format!("/SUBSCRIPTIONS/{}/resourcegroups/{}", guid.to_uppercase(), group.to_lowercase()),
            "blob": format!("https://{disk}.blob.core.windows.net/{user}/x.log?sig={user}&sv=1"),
            "address": address,
            "endTime": "2026-11-22T10:00:00.1234567Z",
            "count": 3,
            "adminPassword": user,
            "enabled": true,
        },
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_name_and_no_number_of_the_owner_is_left(world in world()) {
        let text = sanitised(&body(&world)).to_string().to_ascii_lowercase();
        let private = world.names.iter().chain([&world.guid, &world.address]);
        for word in private {
            prop_assert!(!text.contains(&word.to_ascii_lowercase()), "{} is left in {}", word, text);
        }
    }

    #[test]
    fn the_same_thing_has_the_same_stand_in_wherever_it_is_named(world in world()) {
        let cleaned = sanitised(&body(&world));
        let of = |pointer: &str| cleaned.pointer(pointer).and_then(Value::as_str).unwrap().to_ascii_lowercase();
        let id = of("/id");
        let parts: Vec<&str> = id.split('/').collect();
        let (guid, group, server) = (parts[2], parts[4], parts[8]);
        prop_assert_eq!(of("/name"), server);
        prop_assert_eq!(of("/properties/fullyQualifiedDomainName"), format!("{server}.database.windows.net"));
        prop_assert_eq!(of("/properties/lower"), format!("/subscriptions/{guid}/resourcegroups/{group}"));
        let message = of("/properties/message");
        for part in [guid, group, server, &of("/properties/address")] {
            prop_assert!(message.contains(part), "{} in {}", part, message);
        }
    }

    #[test]
    fn what_azure_says_survives(world in world()) {
        let real = body(&world);
        let cleaned = sanitised(&real);
        for pointer in ["/type", "/location", "/properties/state", "/properties/replicationRole",
            "/properties/endTime", "/properties/count", "/properties/enabled"] {
            prop_assert_eq!(cleaned.pointer(pointer), real.pointer(pointer));
        }
    }

    #[test]
    fn a_sanitised_recording_stays_as_it_is(world in world()) {
        let once = sanitised(&body(&world));
        prop_assert_eq!(sanitised(&once), once);
    }

    #[test]
    fn a_sanitised_sentence_stays_as_it_is(parts in proptest::collection::vec(part(), 1..8)) {
        let once = Sanitiser::new(&[]).text(&parts.join(" "));
        prop_assert_eq!(Sanitiser::new(&[]).text(&once), once);
    }

    #[test]
    fn any_text_at_all_can_be_sanitised_and_always_becomes_the_same(
        text in "\\PC{0,80}",
        mixed in "[a-z0-9./:@'= -]{0,60}",
    ) {
        for text in [text, mixed] {
            prop_assert_eq!(Sanitiser::new(&[]).text(&text), Sanitiser::new(&[]).text(&text));
        }
    }
}
