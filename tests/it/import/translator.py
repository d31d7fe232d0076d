"""Prints, as JSON, what SAM's own translator deploys of each template: by file, the names of functions and state
machines that have a deployment of their own, or null where it refuses the template.

Code is taken to be in S3 already, and what needs the network or other files is left out.
"""

import json
import logging
import sys

import boto3
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

LEFT_OUT = ("Layers", "Events", "Policies", "InlineCode", "DefinitionBody", "DefinitionUri", "DefinitionSubstitutions")
GROUP = "DeploymentGroup"


def packaged(template):
    template.get("Globals", {}).get("Function", {}).pop("Layers", None)
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if not resource["Type"].startswith("AWS::Serverless::"):
            continue
        for key in LEFT_OUT:
            properties.pop(key, None)
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = "s3://bucket/key"
        elif resource["Type"] == "AWS::Serverless::StateMachine":
            end = {"Type": "Pass", "End": True}
            properties["Definition"] = {"StartAt": "end", "States": {"end": end}}
        else:
            resource["Type"] = "AWS::SNS::Topic"
    return template


def deployed(path):
    with open(path, encoding="utf-8") as file:
        template = packaged(yaml_parse(file.read()))
    machines = [n for n, r in template["Resources"].items() if r["Type"] == "AWS::Serverless::StateMachine"]
    session = boto3.session.Session(region_name="eu-west-1")
    try:
        translated = Translator({}, Parser(), boto_session=session).translate(template, {})
    except InvalidDocumentException:
        return None
    names = []
    for name, resource in translated["Resources"].items():
        if resource["Type"] == "AWS::CodeDeploy::DeploymentGroup" and name.endswith(GROUP):
            names.append(name[: -len(GROUP)])
        elif resource["Type"] == "AWS::StepFunctions::StateMachineAlias":
            if "DeploymentPreference" in resource["Properties"]:
                names += [machine for machine in machines if name.startswith(machine + "Alias")]
    return sorted(names)


logging.disable(logging.CRITICAL)
print(json.dumps({path: deployed(path) for path in sys.argv[1:]}))
