//! Users who post the body of the file that `BODY` names, one request after the other.

use std::sync::LazyLock;

use goose::prelude::*;

static BODY: LazyLock<String> = LazyLock::new(|| {
    let path = std::env::var("BODY").expect("BODY names the file with the body");
    std::fs::read_to_string(path).expect("the body can be read")
});

async fn post(user: &mut GooseUser) -> TransactionResult {
    let request = user.get_request_builder(&GooseMethod::Post, "/clientEvents")?;
    let request = request.header("Content-Type", "application/json").body(BODY.as_str());
    user.request(GooseRequest::builder().set_request_builder(request).build()).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), GooseError> {
    GooseAttack::initialize()?
        .register_scenario(scenario!("post").register_transaction(transaction!(post)))
        .execute()
        .await?;
    Ok(())
}
