from flask import Flask


def create():
    app = Flask(__name__)

    @app.get("/")
    def root():
        return "hello from python\n"

    return app
