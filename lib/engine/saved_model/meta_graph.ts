/**
 * The file saved_model.pb: a graph, its signatures, and how its variables are restored.
 *
 * @module
 */
import type { PbfWriter } from "pbf";
import { tensorflowVersion } from "../native.ts";
import { message, writeInside, writeShape } from "./attribute_values.ts";
import { type GraphDefinition, writeGraph } from "./graph_def.ts";
import { operationsOf, withoutDefaults } from "./operation_list.ts";
import { assignerOf, readerOf, saver, type Variable } from "./variables.ts";

/** A tensor that a signature takes or gives; -1 stands for an axis of any length. */
export interface SignatureTensor {
  node: string;
  dataType: number;
  shape: readonly number[];
}

/** What a signature takes and gives, by name. */
export interface Signature {
  inputs: ReadonlyMap<string, SignatureTensor>;
  outputs: ReadonlyMap<string, SignatureTensor>;
}

/** What saved_model.pb holds. */
export interface MetaGraph {
  graph: GraphDefinition;
  variables: readonly Variable[];
  signatures: ReadonlyMap<string, Signature>;
}

// What TensorFlow Serving and saved_model_cli ask for.
const tag = "serve";
const predict = "tensorflow/serving/predict";
// SaverDef.CheckpointFormatVersion.V2
const bundleFormat = 2;

function writeEntry(
  writer: PbfWriter,
  field: number,
  key: string,
  write: (value: PbfWriter) => void,
): void {
  writeInside(writer, field, (entry) => {
    entry.writeStringField(1, key);
    writeInside(entry, 2, write);
  });
}

function writeSignature(writer: PbfWriter, { inputs, outputs }: Signature): void {
  [inputs, outputs].forEach((tensors, index) => {
    for (const [name, { node, dataType, shape }] of tensors) {
      writeEntry(writer, index + 1, name, (tensor) => {
        tensor.writeStringField(1, `${node}:0`);
        tensor.writeVarintField(2, dataType);
        writeInside(tensor, 3, (inner) => writeShape(inner, shape));
      });
    }
  });
  writer.writeStringField(3, predict);
}

/** VariableDefs, by which Python makes variables of its own of them. */
function writeVariableList(writer: PbfWriter, variables: readonly Variable[]): void {
  writeInside(writer, 2, (list) => {
    variables.forEach(({ name }, index) => {
      writeInside(list, 1, (variable) => {
        variable.writeStringField(1, `${name}:0`);
        variable.writeStringField(2, assignerOf(index));
        variable.writeStringField(3, `${readerOf(name)}:0`);
        variable.writeBooleanField(5, true); // is_resource
        variable.writeBooleanField(7, true); // trainable
      });
    });
  });
}

/** Field numbers from tensorflow/core/protobuf/{saved_model,meta_graph,saver,variable}.proto. */
export function writeMetaGraph({ graph, variables, signatures }: MetaGraph): Uint8Array {
  const operations = operationsOf(graph.nodes);
  const nodes = withoutDefaults(graph.nodes, operations);
  return message((savedModel) => {
    savedModel.writeVarintField(1, 1); // saved_model_schema_version
    writeInside(savedModel, 2, (meta) => {
      writeInside(meta, 1, (info) => {
        writeInside(info, 2, (list) => {
          for (const { bytes } of operations.values()) list.writeBytesField(1, bytes);
        });
        info.writeStringField(4, tag);
        info.writeStringField(5, tensorflowVersion());
        info.writeBooleanField(7, true); // stripped_default_attrs
      });
      writeInside(meta, 2, (writer) => writeGraph(writer, { ...graph, nodes }));
      if (variables.length > 0) {
        writeInside(meta, 3, (writer) => {
          writer.writeStringField(1, `${saver.fileName}:0`);
          writer.writeStringField(2, `${saver.saved}:0`);
          writer.writeStringField(3, saver.restored);
          writer.writeVarintField(7, bundleFormat);
        });
        for (const collection of ["variables", "trainable_variables"]) {
          writeEntry(meta, 4, collection, (list) => writeVariableList(list, variables));
        }
      }
      for (const [name, signature] of signatures) {
        writeEntry(meta, 5, name, (writer) => writeSignature(writer, signature));
      }
    });
  });
}
