"""Users who post the body of the file that BODY names, one request after the other."""

import os
import pathlib

from locust import FastHttpUser, task

BODY = pathlib.Path(os.environ["BODY"]).read_bytes()


class Poster(FastHttpUser):
    @task
    def post(self):
        self.client.post("/clientEvents", data=BODY, headers={"Content-Type": "application/json"})
