"""Users that repeatedly post the body from the file in the variable BODY."""

import os
import pathlib

from locust import FastHttpUser, task

BODY = pathlib.Path(os.environ["BODY"]).read_bytes()


class Poster(FastHttpUser):
    @task
    def post(self):
        self.client.post("/clientEvents", data=BODY, headers={"Content-Type": "application/json"})
