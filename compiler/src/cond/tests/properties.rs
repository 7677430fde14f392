//! The code does what the tree walk does; requirements are sound.

use dragnet_engine::cond::Stop;
use proptest::prelude::*;

use super::super::require::{Gate, require};
use super::generate::condition;
use super::world::{PATTERNS, World, fields, listed, lower};
use crate::ir::PatternId;

fn choices() -> impl Strategy<Value = Vec<u16>> {
    proptest::collection::vec(any::<u16>(), 0..200)
}

fn world(matching: bool) -> impl Strategy<Value = World> {
    let matches = (0..PATTERNS, 0u64..12, 1u32..5);
    let most = if matching { 12 } else { 0 };
    let matches = proptest::collection::vec(matches, 0..=most);
    // Few values, so that comparisons with constants hold now and then.
    let byte = prop_oneof![0u8..3, any::<u8>()];
    let data = proptest::collection::vec(byte, 0..40);
    (data, matches, any::<bool>()).prop_map(|(data, matches, sized)| {
        let filesize = sized.then_some(data.len() as u64);
        World { data, filesize, matches, fuel: 1 << 20 }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn code_does_what_the_tree_says(
        choices in choices(),
        world in world(true),
    ) {
        let condition = condition(&choices);
        let (walked, _) = world.walk(&condition);
        let (ran, _) = world.run(&condition);
        // The two spend fuel differently.
        if walked != Err(Stop::Fuel) && ran != Err(Stop::Fuel) {
            let (code, _) = lower(&condition).unwrap();
            prop_assert_eq!(walked, ran, "{}", listed(&code));
        }
    }

    #[test]
    fn a_gate_stops_nothing_that_holds(
        choices in choices(),
        world in world(false),
    ) {
        let condition = condition(&choices);
        let needs = require(&condition, &fields());
        if needs.gate == Gate::NeedsHit {
            prop_assert_ne!(world.walk(&condition).0, Ok(true));
        }
    }

    #[test]
    fn what_must_have_matched_stops_nothing_that_holds(
        choices in choices(),
        world in world(true),
    ) {
        let condition = condition(&choices);
        let needs = require(&condition, &fields()).hits;
        let hit = |pattern: PatternId| {
            world.matches.iter().any(|m| m.0 == pattern.0)
        };
        if !needs.may_hold(&hit) {
            prop_assert_ne!(world.walk(&condition).0, Ok(true));
        }
    }

    #[test]
    fn bounds_and_headers_stop_nothing_that_holds(
        choices in choices(),
        world in world(true),
    ) {
        let condition = condition(&choices);
        let needs = require(&condition, &fields());
        let fits = needs.file.allow(world.filesize)
            && needs.header.iter().all(|test| test.holds(&world.data));
        if !fits {
            prop_assert_ne!(world.walk(&condition).0, Ok(true));
        }
    }
}
