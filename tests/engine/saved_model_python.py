"""TensorFlow's own reading and writing of SavedModels, for saved_model_python_test.ts.

saved_model_python.py call FOLDER: calls every signature of FOLDER/model on FOLDER/given.json, which
  holds {signature: {input: {"dtype", "values"}}}, and prints {signature: {output: values}}.
saved_model_python.py write FOLDER: writes FOLDER/model, whose serving_default doubles `x` and counts
  `pixels`.
"""
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf  # noqa: E402


def call(folder):
    model = tf.saved_model.load(f"{folder}/model")
    with open(f"{folder}/given.json", encoding="utf-8") as file:
        given = json.load(file)
    results = {}
    for name, inputs in given.items():
        tensors = {
            key: tf.constant(value["values"], value["dtype"])
            for key, value in inputs.items()
        }
        outputs = model.signatures[name](**tensors)
        results[name] = {key: value.numpy().tolist() for key, value in outputs.items()}
    variables = sorted(variable.name for variable in model.variables)
    print(json.dumps({"results": results, "variables": variables}))


class Doubling(tf.Module):
    def __init__(self):
        self.factor = tf.Variable(2.0)

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 3], tf.float32, name="x"),
            tf.TensorSpec([None], tf.uint8, name="pixels"),
        ]
    )
    def __call__(self, x, pixels):
        return {"y": x * self.factor, "count": tf.size(pixels, tf.int64)}


def write(folder):
    module = Doubling()
    tf.saved_model.save(module, f"{folder}/model", signatures=module.__call__)


if __name__ == "__main__":
    {"call": call, "write": write}[sys.argv[1]](sys.argv[2])
