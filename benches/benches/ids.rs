//! Texts of event ids: the formatter of `seeker-model` and the crate `uuid`. Nearly every event has two such texts.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use seeker_model::EventKey;
use uuid::Builder;

/// Steps to the next bits, so that no text is a constant.
const STEP: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;

fn ids(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("id_text");
    let mut bits = 1_u128;
    group.bench_function("seeker-model", |bencher| {
        bencher.iter(|| {
            bits = bits.wrapping_add(STEP);
            EventKey::from_bits(black_box(bits)).text()
        });
    });
    group.bench_function("uuid", |bencher| {
        bencher.iter(|| {
            bits = bits.wrapping_add(STEP);
            let mut text = [0; 36];
            Builder::from_random_bytes(black_box(bits).to_be_bytes()).into_uuid().hyphenated().encode_lower(&mut text);
            text
        });
    });
    group.finish();
}

criterion_group!(benches, ids);
criterion_main!(benches);
