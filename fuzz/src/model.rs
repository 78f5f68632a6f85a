//! The line model: any trees are a model or refused with a reason, and a model judges any page.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use serde_json::Value;
use textclean_native::model::bar::{Bar, Mode};
use textclean_native::model::features::{PAGE_WIDTH, names};
use textclean_native::model::forest::{FEATURES, Forest, Row, Stored};
use textclean_native::model::judge::{JudgedKinds, Model, Reading, judge};
use textclean_native::model::kinds::{GROUPS, ModelKinds};
use textclean_native::model::lexicon::Lexicon;
use textclean_native::model::teach;
use textclean_native::page::document::Page;
use textclean_native::page::label::{Cause, Kind, KindSet};

use crate::{pages, settle};

/// Trees made of the bytes are refused, or judge a page; the model that comes with the package judges it twice alike.
pub fn check(data: &[u8]) {
    // Bytes that run out end what is made, they are no failure.
    let _ = try_check(&mut Unstructured::new(data));
}

fn try_check(bytes: &mut Unstructured<'_>) -> Result<()> {
    let options = bytes.arbitrary::<u8>()?;
    let (first, second, page) = (trees(bytes)?, trees(bytes)?, trees(bytes)?);
    check_forest(&first);
    let bar =
        Bar::new(bytes.arbitrary()?, bytes.arbitrary()?, bytes.arbitrary()?, bytes.arbitrary()?, bytes.arbitrary()?).unwrap_or(careful());
    let text = pages::page(bytes)?;
    let mode = [Mode::Auto, Mode::Article, Mode::Page][usize::from(options % 3)];
    let reading = Reading { mode, bar };
    let lexicon = Lexicon::new(bytes.arbitrary()?, bytes.arbitrary()?, bytes.arbitrary()?);
    if let Ok(model) = lexicon.and_then(|lexicon| Model::new(&first, &second, &page, lexicon, kinds(options))) {
        judged(&text, &model, reading, options);
    }
    let sound = judged(&text, builtin(), reading, options);
    assert_eq!(sound, judged(&text, builtin(), reading, options), "the same page is judged otherwise");
    check_features(&text, options);
    Ok(())
}

/// Makes trees, most of which are none.
fn trees(bytes: &mut Unstructured<'_>) -> Result<Vec<Stored>> {
    let mut trees = Vec::new();
    for _ in 0..bytes.arbitrary::<u8>()? % 3 {
        let count = usize::from(bytes.arbitrary::<u8>()? % 8);
        let (mut features, mut thresholds, mut rights, mut values) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for i in 0..count {
            features.push(i32::from(bytes.arbitrary::<i8>()?));
            thresholds.push(bytes.arbitrary::<f32>()?);
            rights.push(i as u16 + u16::from(bytes.arbitrary::<u8>()? % 8));
            values.push(bytes.arbitrary::<f32>()?);
        }
        if bytes.arbitrary::<u8>()? == 7 {
            values.pop();
        }
        trees.push((features, thresholds, rights, values));
    }
    Ok(trees)
}

/// A forest that is taken answers for each row what a walk from node to node finds.
fn check_forest(trees: &[Stored]) {
    const WIDTH: usize = 100;
    let forest = match Forest::new(trees, WIDTH) {
        Ok(forest) => forest,
        Err(reason) => return assert!(!reason.is_empty()),
    };
    let row = |seed: u32| -> Row {
        let feature = |i: usize| ((i as u32 + seed).wrapping_mul(0x9e37_79b9) >> 8) as f32 / 1e6 - 8.0;
        std::array::from_fn(|i| if i < WIDTH { feature(i) } else { 0.0 })
    };
    let rows: Vec<Row> = (0..4).map(row).collect();
    let asked = forest.ask(rows.iter());
    assert_eq!(asked.len(), rows.len());
    for (row, asked) in rows.iter().zip(asked) {
        let walk = |(features, thresholds, rights, values): &Stored| {
            let mut at = 0;
            while features[at] >= 0 {
                at = if row[features[at] as usize] > thresholds[at] { usize::from(rights[at]) } else { at + 1 };
            }
            values[at]
        };
        let expected = trees.iter().map(walk).sum::<f32>();
        assert!(asked == expected || (asked.is_nan() && expected.is_nan()), "{asked} is not {expected}");
        let mut blame = vec![0.0; FEATURES];
        forest.explain(row, &mut blame);
    }
}

fn kinds(options: u8) -> ModelKinds {
    let groups = GROUPS.map(|name| (name.to_owned(), KindSet::new(u64::from(options) << 3)));
    ModelKinds::new(&[1, 2, 3, 4, 5, 6, 7], &groups).expect("numbers and all groups")
}

/// What the model's file says.
fn stored() -> Value {
    serde_json::from_str(include_str!("../../src/textclean/model/lines.json")).expect("the model's file")
}

/// The model that comes with the package.
pub fn builtin() -> &'static Model {
    static MODEL: LazyLock<Model> = LazyLock::new(|| {
        let stored = stored();
        let numbers = |list: &Value| list.as_array().expect("a list").iter().map(|n| n.as_f64().expect("a number")).collect::<Vec<_>>();
        let tree = |tree: &Value| -> Stored {
            let column = |i: usize| numbers(&tree[i]);
            let floats = |i: usize| column(i).into_iter().map(|n| n as f32).collect();
            (column(0).into_iter().map(|n| n as i32).collect(), floats(1), column(2).into_iter().map(|n| n as u16).collect(), floats(3))
        };
        let forest = |name: &str| stored[name].as_array().expect("trees").iter().map(tree).collect::<Vec<_>>();
        let [bias, scale] = ["bias", "scale"].map(|name| stored["words"][name].as_f64().expect("a number") as f32);
        let weights = numbers(&stored["words"]["weights"]).into_iter().map(|weight| weight as i8).collect();
        let lexicon = Lexicon::new(bias, scale, weights).expect("the words that come with the package");
        Model::new(&forest("first"), &forest("second"), &forest("page"), lexicon, kinds(0)).expect("the model that comes with the package")
    });
    &MODEL
}

/// Its bar for careful cleaning.
pub fn careful() -> Bar {
    static BAR: LazyLock<Bar> = LazyLock::new(|| {
        let stored = stored();
        let [article, sure, slope, under, weight] =
            ["article", "sure", "slope", "under", "weight"].map(|name| stored["bars"]["careful"][name].as_f64().expect("a number") as f32);
        Bar::new(article, sure, slope, under, weight).expect("the bar that comes with the package")
    });
    *BAR
}

/// What the model makes of a page: units and kinds. All labels are of units that are left, in order.
fn judged(text: &str, model: &Model, reading: Reading, options: u8) -> Vec<(u32, u8)> {
    let mut page: Page = settled(text);
    let furniture = KindSet::new(u64::from(options) | 1);
    let kinds = JudgedKinds { menu: Kind::new(0).expect("a kind"), furniture, drop: KindSet::new(u64::MAX) };
    judge(&mut page, model, reading, kinds, options & 1 != 0);
    let units: Vec<u32> = page.units().collect();
    assert!(page.labels.is_sorted_by(|one, other| one.unit < other.unit), "{:?}", page.labels);
    for label in &page.labels {
        assert!(units.binary_search(&label.unit).is_ok() && label.cause == Cause::Model && label.witness.is_empty(), "{label:?}");
        let reasons = page.reasons.get(&label.unit);
        assert_eq!(reasons.is_some(), options & 1 != 0);
        assert!(reasons.is_none_or(|reasons| reasons.iter().all(|(feature, _)| usize::from(*feature) < names().0.len())));
    }
    page.labels.iter().map(|label| (label.unit, label.kind.number())).collect()
}

fn settled(text: &str) -> Page {
    // Batches own their pages, so the text is settled first and read again, which leaves it alone.
    let text = settle::normalized(text, true);
    let mut page = Page::new(text, settle::scanner(), Default::default(), true, false);
    let dirty: Vec<String> = page.dirty().iter().map(|&line| settle::repaired(page.dirty_text(line).0)).collect();
    page.settle(&dirty);
    page
}

/// Features are numbers, a row for each unit.
fn check_features(text: &str, options: u8) {
    let page = settled(text);
    let (count, (names, part)) = (page.units().count(), names());
    let caseless = options & 2 != 0;
    let says = vec![-0.5; count];
    let (rows, whole) = teach::features(&page, says.clone(), None, caseless, &kinds(options)).expect("no log-odds are needed");
    assert_eq!((rows.len(), whole.len()), (count * names.len(), 0));
    assert!(rows.chunks(names.len()).all(|row| row.iter().all(|value| value.is_finite()) && row[part..].iter().all(|value| *value == 0.0)));
    let odds = vec![0.5; count];
    let (rows, whole) = teach::features(&page, says.clone(), Some(odds), caseless, &kinds(options)).expect("one for each unit");
    assert!(rows.iter().chain(&whole).all(|value| value.is_finite()));
    assert!(whole.len() == PAGE_WIDTH);
    assert!(teach::features(&page, says.clone(), Some(vec![0.0; count + 1]), caseless, &kinds(options)).is_err());
    assert!(teach::features(&page, vec![0.0; count + 1], None, caseless, &kinds(options)).is_err());
}
