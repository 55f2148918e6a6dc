use super::*;
use crate::testing::scene;

#[test]
fn the_panel_shows_regions_traffic_user_and_steps() {
    let rows: Vec<String> = panel(&scene(), 40)
        .iter()
        .map(|row| row.paint(None, false).trim_end().to_owned())
        .collect();
    assert_eq!(
        rows,
        [
            "",
            "East US is lost   600 s · requests to Azure: 321",
            "  East US  down SQL secondary · machines 0 · healthy backends 0 · not replicated 2",
            "  West US  up   SQL primary   · machines 5 · healthy backends 3",
            "  traffic  myPrimaryEndpoint Disabled   myFailoverEndpoint Online",
            "  user     served by West US",
            "websphere-cafe-incident-1   recovered",
            "  ✓ observe                0.5 s",
            "  – clean_up_drill                no drill",
        ]
    );
}

#[test]
fn a_small_terminal_gets_a_small_panel() {
    assert_eq!(panel(&scene(), 3).len(), 3);
}
