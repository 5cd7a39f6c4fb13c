//! The async front end is the blocking one with `async` and `.await`: neither may drift.

/// The code without comments, layout, `async` and what names the mode.
fn essence(source: &str) -> String {
    let code: String = source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .flat_map(str::chars)
        .filter(|character| !character.is_whitespace())
        .collect();
    let same = [
        ("asynch", "blocking"),
        ("Async", "Blocking"),
        ("async", ""),
        (".await", ""),
        ("pub(crate)", ""),
    ];
    // The last is layout: what does not fit on one line ends in a comma.
    let same = same.iter().chain(&[(",)", ")")]);
    same.fold(code, |code, (one, other)| code.replace(one, other))
}

#[test]
fn front_ends_differ_by_await_and_by_nothing_else() {
    let blocking = essence(include_str!("../src/blocking.rs"));
    let asynch = essence(include_str!("../src/asynch.rs"));
    assert!(
        blocking.contains("fnread_supply<B:OneWire>"),
        "nothing was compared"
    );
    assert_eq!(asynch, blocking);
}

/// Both front ends in one build, each under its name: a feature of another crate must not change what compiles.
#[cfg(feature = "async")]
#[test]
fn both_front_ends_are_made_in_one_build() {
    use ds18b20::Family::Ds18b20;
    use ds18b20::{asynch, blocking};

    assert_eq!(blocking::Ds18b20::single_drop(Ds18b20).family(), Ds18b20);
    assert_eq!(asynch::Ds18b20::single_drop(Ds18b20).family(), Ds18b20);
    assert_eq!(blocking::Group::new().supply(), asynch::Group::new().supply());
}
