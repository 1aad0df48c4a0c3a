//! Users that repeatedly post the body from the file in the variable `BODY`.

use std::sync::LazyLock;

use goose::prelude::*;

static BODY: LazyLock<String> = LazyLock::new(|| {
    let path = std::env::var("BODY").expect("the variable BODY contains the path of the body");
    std::fs::read_to_string(path).expect("the file of the body is readable")
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
