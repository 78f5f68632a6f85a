//! The walls between the rooms of `rust/src`: a room uses only rooms below it, and no files use each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The rooms, ground floor first, and which of those below each may use.
const ROOMS: [(&str, &[&str]); 12] = [
    ("workers", &[]),
    ("json", &[]),
    ("text", &[]),
    ("repair", &["text"]),
    ("page", &["text", "repair"]),
    ("rules", &["text", "page"]),
    ("model", &["text", "page"]),
    ("repeats", &["text", "page"]),
    ("sites", &["text", "page"]),
    ("cleaning", &["repair", "page", "rules", "model", "repeats", "sites"]),
    ("dedup", &["workers", "text", "repair"]),
    ("python", &["workers", "json", "text", "repair", "page", "rules", "model", "repeats", "sites", "cleaning", "dedup"]),
];

/// Files of `rust/src` by their paths in it (`page/units.rs`), and what stands in them.
type Files = BTreeMap<String, String>;

/// Returns the files of the crate.
fn files() -> Files {
    fn collect(folder: &Path, at: &str, files: &mut Files) {
        for entry in std::fs::read_dir(folder).expect("a folder of the crate") {
            let path = entry.expect("an entry of it").path();
            let name = format!("{at}{}", path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8"));
            if path.is_dir() {
                collect(&path, &format!("{name}/"), files);
            } else if name.ends_with(".rs") {
                files.insert(name, std::fs::read_to_string(&path).expect("source text"));
            }
        }
    }
    let mut files = Files::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut files);
    files
}

/// Returns the source without comments.
fn code(source: &str) -> String {
    let lines = source.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Lists the paths that stand behind `head` (`crate::` or `super::`), those of a group one by one.
fn paths(code: &str, head: &str) -> Vec<String> {
    let starts = code.match_indices(head).map(|(at, _)| at);
    let alone = starts.filter(|at| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
    alone.flat_map(|at| tree(&code[at + head.len()..])).collect()
}

/// Lists the paths that a tree of imports names: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn tree(text: &str) -> Vec<String> {
    let stem: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect();
    let Some(group) = text[stem.len()..].strip_prefix('{') else { return vec![stem] };
    let (mut depth, mut part, mut parts) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth < 0 || (depth == 0 && c == ',') {
            parts.push(group[part..at].trim());
            part = at + 1;
        }
        if depth < 0 {
            break;
        }
    }
    parts.into_iter().filter(|part| !part.is_empty()).flat_map(tree).map(|path| format!("{stem}{path}")).collect()
}

/// Returns the file of the module that a path leads through, as far as it goes.
fn file_of(files: &Files, path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split("::").filter(|part| !part.is_empty()).collect();
    let file = |count: usize| {
        let stem = parts[..count].join("/");
        [format!("{stem}.rs"), format!("{stem}/mod.rs")].into_iter().find(|name| files.contains_key(name))
    };
    (1..=parts.len()).rev().find_map(file)
}

fn room_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or_default()
}

/// Lists what each file imports: the path as it stands there, and the file that it leads to.
fn imports(files: &Files) -> BTreeMap<String, Vec<(String, String)>> {
    let of = |(name, source): (&String, &String)| {
        let code = code(source);
        // In inline modules `super` is the file itself.
        let outside = code.split("\nmod tests {").next().unwrap_or_default();
        let folder = name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{}::", folder.replace('/', "::")));
        let up = paths(outside, "super::").into_iter().map(|path| (format!("super::{path}"), format!("{folder}{path}")));
        let down = paths(&code, "crate::").into_iter().map(|path| (format!("crate::{path}"), path));
        let found = up.chain(down).filter_map(|(written, path)| Some((written, file_of(files, &path)?)));
        (name.clone(), found.filter(|(_, other)| other != name).collect())
    };
    files.iter().filter(|(name, _)| *name != "lib.rs").map(of).collect()
}

/// Lists the imports that go through a wall, each with the wall.
fn breaches(files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (file, imported) in imports(files) {
        let room = room_of(&file);
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            found.push(format!("rust/src/{file}: the room `{room}` is not in the table"));
            continue;
        };
        if code(&files[&file]).contains("super::super") {
            found.push(format!("rust/src/{file} uses `super::super`: say `crate::…`, so that one sees where it leads"));
        }
        for (path, other) in imported {
            let into = room_of(&other);
            if into == room && other.ends_with("mod.rs") && !other.starts_with(&file.replace("mod.rs", "")) {
                found.push(format!("rust/src/{file} uses `{path}`: name the file in `{room}` that has it"));
            } else if into != room && !allowed.contains(&into) {
                let may = if allowed.is_empty() { "no other room".to_owned() } else { allowed.join(", ") };
                found.push(format!("rust/src/{file} uses `{path}`: the wall between `{room}` and `{into}`; `{room}` may use {may}"));
            }
        }
    }
    found
}

/// Returns the files of a circle of imports, if there is one.
fn circle(files: &Files) -> Option<Vec<String>> {
    fn walk(at: &str, edges: &BTreeMap<String, BTreeSet<String>>, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> bool {
        if let Some(start) = way.iter().position(|file| file == at) {
            way.drain(..start);
            way.push(at.to_owned());
            return true;
        }
        if !done.insert(at.to_owned()) {
            return false;
        }
        way.push(at.to_owned());
        let found = edges.get(at).is_some_and(|others| others.iter().any(|other| walk(other, edges, way, done)));
        if !found {
            way.pop();
        }
        found
    }
    let edges: BTreeMap<String, BTreeSet<String>> =
        imports(files).into_iter().map(|(file, imported)| (file, imported.into_iter().map(|(_, other)| other).collect())).collect();
    let (mut way, mut done) = (Vec::new(), BTreeSet::new());
    edges.keys().any(|file| walk(file, &edges, &mut way, &mut done)).then_some(way)
}

#[test]
fn a_room_uses_only_what_it_may() {
    let found = breaches(&files());
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let found = circle(&files()).unwrap_or_default();
    assert!(found.is_empty(), "a circle: rust/src/{}", found.join(" -> rust/src/"));
}

#[test]
fn the_table_has_every_room_above_those_that_it_uses() {
    let files = files();
    for (number, (room, allowed)) in ROOMS.iter().enumerate() {
        assert!(files.keys().any(|file| room_of(file) == *room), "there is no room `{room}`");
        for other in *allowed {
            assert!(ROOMS[..number].iter().any(|(below, _)| below == other), "`{room}` may use `{other}`, which is not below it");
        }
    }
}

#[test]
fn every_room_says_what_it_is_for() {
    for (file, source) in files().iter().filter(|(file, _)| file.ends_with("mod.rs")) {
        let head = source.lines().take_while(|line| line.starts_with("//!")).count();
        assert!(head >= 3, "rust/src/{file} opens with what the room is for, what it uses, who uses it");
    }
}

/// The circles that there were once would be found, in whatever form they are written.
#[test]
fn walls_and_circles_are_seen() {
    let with = |file: &str, line: &str| {
        let mut files = files();
        files.get_mut(file).expect("a file of the crate").insert_str(0, &format!("{line}\n"));
        files
    };
    for (file, line, wall) in [
        ("page/units.rs", "use crate::rules::context::label;", "the wall between `page` and `rules`"),
        ("page/document.rs", "use crate::{text::lines, model::{forest, judge::CERTAIN}};", "`crate::model::judge::CERTAIN`"),
        ("rules/fold.rs", "fn f() -> crate::sites::site::Site { todo!() }", "the wall between `rules` and `sites`"),
        ("dedup/digest.rs", "use crate::page::document::Page;", "`dedup` may use workers, text, repair"),
        ("dedup/texts/spool.rs", "use super::super::digest::digest;", "say `crate::…`"),
    ] {
        let found = breaches(&with(file, line));
        assert!(found.iter().any(|message| message.contains(file) && message.contains(wall)), "{file}, {line}: {found:?}");
    }
    for (file, line) in [
        ("page/document.rs", "use crate::page::title::title;"),
        ("dedup/jaccard.rs", "use super::prefix::may_reach;"),
        ("python/site_matcher.rs", "use super::batch::Batch;"),
    ] {
        let found = circle(&with(file, line)).unwrap_or_default();
        assert!(found.contains(&file.to_owned()), "{file}, {line}: {found:?}");
    }
}
