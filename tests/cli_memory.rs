//! Dumps and running processes: what is found in them, and at which address.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod cli_support;
mod dumps;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use cli_support::{Dir, rows_of, run};
use dumps::{Minidump, Range};
use serde_json::Value;

const SCHEMA: &str = include_str!("../docs/schema/dragnet-1.schema.json");
const RULE: &str = r#"
rule marked { strings: $a = /MEMORY-MARK-[A-Z]{4,20}/ condition: $a }"#;
const PAGE: usize = 4096;
/// What the victim reserves and does not touch, in KiB.
const UNTOUCHED: usize = 4 << 20;

/// The mark; it is put together here, so that no other part of the memory of
/// this process holds it.
fn mark(name: &str) -> Vec<u8> {
    ["MEMORY", "MARK", name].join("-").into_bytes()
}

/// Pages of one letter with a mark at an offset.
fn marked(letter: u8, pages: usize, at: usize, name: &str) -> Vec<u8> {
    let mut bytes = vec![letter; pages * PAGE];
    let mark = mark(name);
    bytes[at..at + mark.len()].copy_from_slice(&mark);
    bytes
}

/// Two ranges; the mark of the second crosses the border of a page.
fn ranges() -> Vec<Range> {
    let second = marked(b'b', 8, PAGE - 6, "BORDER");
    vec![
        (0x1000, marked(b'a', 4, 100, "FIRST"), true),
        (0x10_0000, second, false),
    ]
}

/// The rows of a scan of these bytes, all of which the schema allows.
fn scan(bytes: &[u8], flags: &[&str]) -> Vec<Value> {
    scan_with(RULE, bytes, flags)
}

fn scan_with(rule: &str, bytes: &[u8], flags: &[&str]) -> Vec<Value> {
    let dir = Dir::new();
    dir.write("m.yar", rule);
    dir.write("dump", bytes);
    let command = ["scan", "-o", "ndjson", "--rules", "m.yar"];
    let rows = rows_of(&dir, &[&command, flags, &["dump"]].concat());
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for row in &rows {
        assert!(validator.is_valid(row), "{row}");
    }
    rows
}

/// Address and text of each match, and where in the file it is.
fn marks(rows: &[Value]) -> Vec<(String, String, u64)> {
    let rules = rows.iter().filter_map(|row| row["rules"].as_array());
    let strings = rules.flatten().flat_map(|rule| {
        rule["strings"].as_array().cloned().unwrap_or_default()
    });
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    strings
        .map(|hit| {
            let place = hit["file_off"].as_u64().unwrap();
            (text(&hit["va"]), text(&hit["match"]), place)
        })
        .collect()
}

fn found(bytes: &[u8], flags: &[&str]) -> Vec<(String, String, u64)> {
    let found = marks(&scan(bytes, flags));
    for (_, text, place) in &found {
        let at = usize::try_from(*place).unwrap();
        assert!(bytes[at..].starts_with(text.as_bytes()), "{text}");
    }
    found
}

fn addresses(bytes: &[u8], flags: &[&str]) -> Vec<String> {
    found(bytes, flags).into_iter().map(|(address, ..)| address).collect()
}

const BOTH: [&str; 2] = ["0x1064", "0x100ffa"];

#[test]
fn marks_have_their_addresses_in_every_format() {
    let ranges = ranges();
    let files = [];
    assert_eq!(addresses(&dumps::elf_core(&ranges, &files, false), &[]), BOTH);
    assert_eq!(addresses(&dumps::elf_core(&ranges, &files, true), &[]), BOTH);
    assert_eq!(addresses(&dumps::lime(&ranges), &[]), BOTH);
    assert_eq!(addresses(&dumps::avml(&ranges), &[]), BOTH);
    assert_eq!(addresses(&dumps::pagedu64(&ranges), &[]), BOTH);
    assert_eq!(addresses(&dumps::macho_core(&ranges), &[]), BOTH);
    for (is_full, info_header) in
        [(true, 16), (true, 12), (true, 0), (false, 16), (false, 0)]
    {
        let allocations = &[0x1000, 0x10_0000];
        let ranges = &ranges;
        let modules = &[];
        let dump =
            Minidump { ranges, modules, is_full, info_header, allocations };
        assert_eq!(addresses(&dump.bytes(), &[]), BOTH, "{info_header}");
    }
}

#[test]
fn matches_do_not_end_with_a_region_of_the_same_mapping() {
    // One allocation, in two regions with different protection.
    let whole = marked(b'a', 4, 2 * PAGE - 5, "REGION");
    let (first, second) = whole.split_at(2 * PAGE);
    let ranges =
        [(0x7000, first.to_vec(), true), (0x9000, second.to_vec(), false)];
    let [one, two] = [[0x7000, 0x7000], [0x7000, 0x9000]];
    for (allocations, expected) in [(&one, 1), (&two, 0)] {
        let dump = Minidump {
            ranges: &ranges,
            modules: &[],
            is_full: true,
            info_header: 16,
            allocations,
        };
        let found = found(&dump.bytes(), &[]);
        assert_eq!(found.len(), expected, "{found:?}");
        assert!(found.iter().all(|(address, ..)| address == "0x8ffb"));
    }
    let core = dumps::elf_core(&ranges, &[], false);
    assert_eq!(addresses(&core, &[]), ["0x8ffb"]);
}

#[test]
fn a_changed_page_of_the_heap_does_not_end_it() {
    let maps = "\
        00007000-00009000 rw-p 00000000 00:00 0    [heap]\n\
        00009000-0000b000 r--p 00000000 00:00 0    [heap]\n\
        0000b000-0000d000 rw-p 00000000 00:00 0    [stack]\n";
    let heap = marked(b'a', 6, 2 * PAGE - 5, "HEAP");
    let dump = Minidump {
        ranges: &[(0x7000, heap, false)],
        modules: &[],
        is_full: true,
        info_header: 0,
        allocations: &[],
    };
    let rows = scan(&dump.with_maps(maps), &[]);
    assert_eq!(rows[0]["object"]["size"], 4 * PAGE);
    assert_eq!(rows[0]["region"]["type"], "heap");
    assert_eq!(rows[0]["region"]["len"], 2 * PAGE);
}

#[test]
fn a_hit_names_process_region_and_module() {
    let ranges = ranges();
    let files = [(0x1000, 0x5000, 0, "/srv/www/loader.so")];
    let core = dumps::elf_core(&ranges, &files, false);
    let rows = scan(&core, &[]);
    let row = &rows[0];
    assert_eq!(row["object"]["kind"], "mapping");
    assert_eq!(row["object"]["address"], "0x1000");
    assert_eq!(row["mode"], "per-mapping");
    assert_eq!(row["process"]["pid"], 4242);
    assert_eq!(row["process"]["ppid"], 4000);
    assert_eq!(row["process"]["uid"], 1000);
    assert_eq!(row["process"]["cmdline"], "victim --on");
    assert_eq!(row["region"]["prot"], "r-x");
    assert_eq!(row["region"]["type"], "image");
    assert_eq!(row["module"]["name"], "/srv/www/loader.so");
    assert_eq!(row["module"]["offset"], 100);
    let hit = &row["rules"][0]["strings"][0];
    assert_eq!(hit["before_hex"], "61".repeat(64));
    // The other range is no part of a program.
    assert!(rows[1]["module"].is_null());
    let modules = addresses(&core, &["--mode", "per-module"]);
    assert_eq!(modules, ["0x1064"]);
    let dump = Minidump {
        ranges: &ranges,
        modules: &[(0x1000, 0x4000, "C:\\inetpub\\löader.dll")],
        is_full: true,
        info_header: 0,
        allocations: &[],
    };
    let rows = scan(&dump.bytes(), &[]);
    assert_eq!(rows[0]["module"]["name"], "C:\\inetpub\\löader.dll");
    assert_eq!(rows[0]["process"]["pid"], 4242);
}

#[test]
fn every_byte_of_a_dump_is_accounted_for() {
    let ranges = ranges();
    let core = dumps::elf_core(&ranges, &[], false);
    let rows = scan(&core, &[]);
    let medium = rows.iter().find(|row| row["type"] == "medium").unwrap();
    let number = |name: &str| medium[name].as_u64().unwrap();
    // Headers and notes too: who writes a dump may write anything there.
    assert_eq!(number("scanned"), core.len() as u64);
    let hidden = dumps::elf_core(&ranges, &[], false);
    let hidden = [hidden, mark("HIDDEN")].concat();
    let found = scan(&hidden, &[]);
    let names = found.iter().filter_map(|row| row["object"]["kind"].as_str());
    assert_eq!(names.filter(|kind| *kind == "unallocated").count(), 1);
    // What only begins like a dump is a file.
    let empty = [b"MDMP\x93\xa7\0\0".to_vec(), mark("EMPTY")].concat();
    assert!(scan(&empty, &[]).iter().any(|row| row["type"] == "match"));
    // A dump that ends early: what is there is scanned, the rest is named.
    let cut = &core[..core.len() - 5 * PAGE];
    assert_eq!(addresses(cut, &[]), BOTH);
    let rows = scan(cut, &[]);
    let lost = rows.iter().find(|row| row["code"] == "truncated");
    assert!(lost.is_some(), "{rows:?}");
    assert_eq!(rows.last().unwrap()["complete"], false);
}

#[test]
fn dumps_cut_anywhere_are_read_as_far_as_they_go() {
    let ranges = ranges();
    let allocations = &[0x1000, 0x10_0000];
    let dump = Minidump {
        ranges: &ranges,
        modules: &[(0x1000, 0x4000, "a.dll")],
        is_full: true,
        info_header: 16,
        allocations,
    };
    let all = [
        dumps::elf_core(&ranges, &[(0x1000, 0x5000, 0, "/a")], true),
        dump.bytes(),
        dumps::lime(&ranges),
        dumps::avml(&ranges),
        dumps::pagedu64(&ranges),
        dumps::macho_core(&ranges),
    ];
    let dir = Dir::new();
    dir.write("m.yar", RULE);
    for (index, whole) in all.iter().enumerate() {
        for end in [5, 40, 100, 200, 300, 700, whole.len() - PAGE] {
            dir.write("dump", &whole[..end]);
            let ran = run(&dir, &["scan", "--rules", "m.yar", "dump"]);
            assert!([0, 3].contains(&ran.code), "{index} {end}: {ran:?}");
            assert!(!ran.err.contains("defect"), "{index} {end}: {ran:?}");
        }
    }
}

#[test]
fn ls_names_what_is_in_a_dump_and_show_takes_addresses() {
    let dir = Dir::new();
    let files = [(0x1000, 0x5000, 0, "/srv/www/loader.so")];
    dir.write("dump", dumps::elf_core(&ranges(), &files, false));
    let list = run(&dir, &["ls", "dump"]).out;
    for line in [
        "process               4242 victim victim --on",
        "module               16384 0x1000 /srv/www/loader.so",
        "region               32768 0x100000 rw- private",
    ] {
        assert!(list.lines().any(|known| known == line), "{line}:\n{list}");
    }
    let object = "dump::pid/4242::0x100000-0x108000";
    assert!(list.contains(object), "{list}");
    let bytes = run(&dir, &["show", object, "0x100ffa", "18"]).out;
    assert!(bytes.contains("[4d]"), "{bytes}");
}

/// A process with a mark in its memory.
struct Victim(Child, String);

impl Victim {
    fn start() -> Victim {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "victim"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let ready = out.lines().map_while(Result::ok);
        let line = ready
            .into_iter()
            .find_map(|line| Some(line.split_once("ready at ")?.1.to_owned()));
        Victim(child, line.expect("the victim says where"))
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "started by other tests as a process to look at"]
#[allow(clippy::print_stdout, reason = "it tells where the mark is")]
fn victim() {
    let name: String = ["RUN", "NING"].concat();
    let heap = marked(b'h', 64, 7 * PAGE - 3, &name);
    // Nobody touches these.
    let mut untouched: Vec<u8> = Vec::new();
    let _ = untouched.try_reserve_exact(UNTOUCHED << 10);
    std::hint::black_box(&mut untouched);
    let at = heap.as_ptr() as usize + 7 * PAGE - 3;
    println!("ready at {at:#x}");
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
    assert!(heap.len() == 64 * PAGE);
}

#[cfg(target_os = "linux")]
#[test]
fn a_running_process_is_read_as_it_is() {
    let victim = Victim::start();
    let dir = Dir::new();
    dir.write("m.yar", RULE);
    let pid = victim.0.id().to_string();
    let args = ["scan", "-o", "ndjson", "--pid", &pid, "m.yar"];
    let rows = rows_of(&dir, &args);
    let strings: Vec<String> = rows
        .iter()
        .filter_map(|row| row["rules"].as_array())
        .flatten()
        .filter_map(|rule| rule["strings"].as_array())
        .flatten()
        .filter(|hit| hit["match"] == "MEMORY-MARK-RUNNING")
        .map(|hit| hit["va"].as_str().unwrap().to_owned())
        .collect();
    assert!(strings.contains(&victim.1), "{strings:?} {}", victim.1);
    // Nobody may look at himself, and who is gone is a row.
    drop(victim);
    let ran = run(&dir, &["scan", "--pid", &pid, "m.yar"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("gone"), "{ran:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn pages_that_were_never_touched_stay_untouched() {
    let victim = Victim::start();
    let dir = Dir::new();
    dir.write("m.yar", RULE);
    let pid = victim.0.id().to_string();
    let kibibytes = |field: &str| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"));
        let status = status.unwrap();
        let line = status.lines().find(|line| line.starts_with(field));
        let text = line.unwrap().split_whitespace().nth(1).unwrap().to_owned();
        text.parse::<usize>().unwrap()
    };
    let resident = || kibibytes("VmRSS");
    if kibibytes("VmSize") < UNTOUCHED {
        eprintln!("skipped: the system does not give 4 GiB to reserve");
        return;
    }
    let before = resident();
    let ran = run(&dir, &["scan", "--pid", &pid, "m.yar"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(resident() < before + 1024, "{before} {}", resident());
}

/// Modes in which all memory of a process is one object.
const WHOLE: [&str; 3] = ["legacy", "single-pass", "fast"];

/// The rule, with both marks and this condition, holds in the dump.
fn holds(bytes: &[u8], mode: &str, condition: &str) -> bool {
    let rule = format!(
        r#"import "pe" rule both {{ strings: $a = "MARK-FIRST"
        $b = "MARK-BORDER" condition: {condition} }}"#
    );
    let rows = scan_with(&rule, bytes, &["--mode", mode]);
    rows.iter().any(|row| row["type"] == "match")
}

#[test]
fn marks_in_two_regions_count_together_in_the_modes_that_say_so() {
    let ranges = ranges();
    let core = dumps::elf_core(&ranges, &[], false);
    let allocations = &[0x1000, 0x10_0000];
    let dump = Minidump {
        ranges: &ranges,
        modules: &[],
        is_full: true,
        info_header: 16,
        allocations,
    };
    let lime = dumps::lime(&ranges);
    for bytes in [&core, &dump.bytes(), &lime] {
        for mode in WHOLE {
            assert!(holds(bytes, mode, "all of them"), "{mode}");
        }
        for mode in ["per-mapping", "per-module"] {
            assert!(!holds(bytes, mode, "all of them"), "{mode}");
        }
    }
    for mode in WHOLE {
        let both = "$a at 0x106b and $b at 0x101001 and #a + #b == 2";
        assert!(holds(&core, mode, both), "{mode}");
        let by_size = "(filesize >= 0 or not (filesize > 0)) and $a";
        assert!(!holds(&core, mode, by_size), "{mode}");
        // An integer is read at an address, if at all.
        let read = "uint32be(0x1064) == 0x4d454d4f and $a and $b";
        assert_eq!(holds(&core, mode, read), mode == "legacy");
    }
    for missing in ["0x5000", "0x4ffd", "0xffffe", "0"] {
        let read = format!("defined uint32({missing}) and $a");
        assert!(!holds(&core, "legacy", &read), "{missing}");
    }
}

#[test]
fn a_row_of_a_whole_process_places_each_match() {
    let ranges = ranges();
    let files = [(0x1000, 0x5000, 0, "/srv/www/loader.so")];
    let core = dumps::elf_core(&ranges, &files, false);
    let mut problems = Vec::new();
    for mode in ["per-mapping", "legacy", "single-pass", "fast"] {
        let flags = ["--mode", mode];
        assert_eq!(addresses(&core, &flags), BOTH, "{mode}");
        let rows = scan(&core, &flags);
        let told = |row: &&Value| row["type"] == "medium";
        problems.push(rows.iter().filter(told).cloned().collect::<Vec<_>>());
        if mode == "per-mapping" {
            continue;
        }
        let row = &rows[0];
        assert_eq!(row["path"], "dump");
        assert_eq!(row["mode"], mode);
        assert_eq!(row["object"]["kind"], "process");
        assert_eq!(row["object"]["size"], 12 * PAGE);
        assert!(row["object"]["address"].is_null());
        assert_eq!(row["process"]["pid"], 4242);
        let [first, second] =
            row["rules"][0]["strings"].as_array().unwrap().as_slice()
        else {
            panic!("{row}")
        };
        assert_eq!(first["offset"], 0x1064);
        assert_eq!(first["module"]["name"], "/srv/www/loader.so");
        assert_eq!(first["module"]["offset"], 100);
        assert_eq!(first["region"]["prot"], "r-x");
        assert_eq!(first["before_hex"], "61".repeat(64));
        assert_eq!(second["region"]["start"], "0x100000");
        assert!(second["module"].is_null());
    }
    // What became of the bytes does not depend on the mode.
    assert!(problems.iter().all(|told| *told == problems[0]), "{problems:?}");
    let none = scan(&dumps::lime(&ranges), &["--mode", "legacy"]);
    assert_eq!(none[0]["object"]["kind"], "physical");
    let all = ["--mode", "fast", "--all"];
    let rule = "rule never { condition: false }";
    let rows = scan_with(rule, &core, &all);
    assert_eq!(rows[0]["type"], "nomatch");
    assert_eq!(rows[0]["bytes"], 12 * PAGE);
}

#[test]
fn a_program_in_memory_is_known_to_modules_in_some_modes() {
    let mut program = vec![0; PAGE];
    program[..2].copy_from_slice(b"MZ");
    program[60] = 64;
    program[64..70].copy_from_slice(b"PE\0\0\x4c\x01");
    program[84..88].copy_from_slice(&[224, 0, 2, 0]);
    program[88..90].copy_from_slice(&[0x0b, 0x01]);
    let marks = [mark("FIRST"), mark("BORDER")].join(&b' ');
    let ranges = [(0x1000, marks, false), (0x40_0000, program, false)];
    let core = dumps::elf_core(&ranges, &[], false);
    let condition = "pe.machine == pe.MACHINE_I386 and all of them";
    for (mode, expected) in [
        ("legacy", true),
        ("single-pass", true),
        ("fast", false),
        ("per-mapping", false),
    ] {
        assert_eq!(holds(&core, mode, condition), expected, "{mode}");
    }
}

/// Runs a program for Python that uses YARA; `None` if that is not there.
#[cfg(target_os = "linux")]
fn yara(program: &str) -> Option<String> {
    let ran = Command::new("python3").args(["-c", program]).output().ok()?;
    let out = String::from_utf8(ran.stdout).unwrap();
    ran.status.success().then_some(out)
}

#[cfg(target_os = "linux")]
#[test]
fn a_running_process_is_judged_as_yara_judges_it() {
    let victim = Victim::start();
    let (pid, at) = (victim.0.id(), victim.1.as_str());
    let conditions = [
        "$a".to_owned(),
        "all of them".to_owned(),
        format!("$a at {at}"),
        format!("for any i in (1..#a) : (@a[i] == {at})"),
        format!("$a in ({at}..{at} + 1) and $elf"),
        format!("$a in ({at} + 1..{at} + 9)"),
        format!("uint32be({at}) == 0x4d454d4f"),
        format!("uint8({at} - 1) == 0x68"),
        "defined uint32(0)".to_owned(),
        "filesize > 0".to_owned(),
        "not (filesize > 0)".to_owned(),
        "defined filesize".to_owned(),
        "uint16(0) == 0x5a4d and $a".to_owned(),
        "pe.is_pe".to_owned(),
        "defined pe.machine".to_owned(),
        "defined entrypoint".to_owned(),
        format!("hash.md5({at}, 6) == hash.md5(\"MEMORY\")"),
        "defined hash.md5(0, 6)".to_owned(),
        format!("math.entropy({at}, 64) > 1.0"),
        format!("math.mean({at} - 4, 4) == 104.0"),
    ];
    let mut rules = "import \"pe\" import \"hash\" import \"math\"".to_owned();
    for (number, condition) in conditions.iter().enumerate() {
        rules += &format!(
            "\nrule r{number} {{ strings: $a = \"MEMORY-MARK-RUNNING\"
            $elf = {{ 7F 45 4C 46 }} condition: {condition}
            and (#a >= 0 and #elf >= 0) }}"
        );
    }
    let dir = Dir::new();
    dir.write("m.yar", &rules);
    let path = dir.path("m.yar");
    let found = yara(&format!(
        "import yara\nrules = yara.compile({path:?})\n\
         for m in rules.match(pid={pid}):\n  print(m.rule, {pid})"
    ));
    let number = pid.to_string();
    let ran = run(&dir, &["yara", "-w", "m.yar", &number]);
    let ours: Vec<&str> = ran.out.lines().collect();
    assert!(ours.contains(&format!("r2 {pid}").as_str()), "{ran:?}");
    let lines = run(&dir, &["yara", "-w", "-s", "-i", "r2", "m.yar", &number]);
    let line = format!("{at}:$a: MEMORY-MARK-RUNNING");
    assert!(lines.out.lines().any(|l| l == line), "{}", lines.out);
    let count = run(&dir, &["yara", "-w", "-c", "m.yar", &number]).out;
    assert_eq!(count, format!("{pid}: {}\n", ours.len()));
    match &found {
        None => eprintln!("skipped: python3 has no module yara"),
        Some(found) => {
            assert_eq!(ours, found.lines().collect::<Vec<_>>());
        }
    }
    // Where the mark is, each once.
    let addresses = yara(&format!(
        "import yara\nrules = yara.compile({path:?})\n\
         for m in rules.match(pid={pid}):\n  \
           if m.rule == 'r0':\n    \
             for s in m.strings:\n      \
               if s.identifier == '$a':\n        \
                 print('\\n'.join(hex(i.offset) for i in s.instances))"
    ));
    let args = ["scan", "-o", "ndjson", "--mode", "legacy", "-i", "r0"];
    let rows =
        rows_of(&dir, &[&args[..], &["--pid", &number, "m.yar"]].concat());
    let row = rows.iter().find(|row| row["type"] == "match").unwrap();
    assert_eq!(row["path"], format!("pid:{pid}"));
    let strings = row["rules"][0]["strings"].as_array().unwrap();
    let marks = strings.iter().filter(|hit| hit["identifier"] == "$a");
    let marks: Vec<&str> =
        marks.map(|hit| hit["va"].as_str().unwrap()).collect();
    assert!(marks.contains(&at));
    if let Some(addresses) = addresses {
        assert_eq!(marks, addresses.lines().collect::<Vec<_>>());
    }
    // Who is gone is told, and a file of that name is a file.
    drop(victim);
    let gone = run(&dir, &["yara", "-w", "m.yar", &number]);
    assert!(gone.err.contains("gone") && gone.code == 1, "{gone:?}");
    dir.write(&number, mark("RUNNING"));
    let file = run(&dir, &["yara", "-w", "-i", "r0", "m.yar", &number]);
    assert_eq!(file.out, format!("r0 {number}\n"));
}
