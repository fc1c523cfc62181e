"""CloudFormation and SAM templates, as teams write them."""

STACK = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: orders
Transform: [AWS::Serverless-2016-10-31, "AWS::LanguageExtensions"]
Metadata: {AWS::CloudFormation::Interface: {ParameterGroups: []}}
Parameters:
  Stage: {Type: String, Default: prod, AllowedValues: [prod, test]}
  Password: {Type: String, NoEcho: true, Default: hunter2-cfn}
Mappings: {Region: {eu: {ami: ami-1}}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Rules: {A: {Assertions: [{Assert: {"Fn::Contains": [[a], a]}}]}}
Globals: {Function: {Timeout: 3}}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Condition: IsProd
    Properties:
      TableName: !Sub "orders-${Stage}"
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Db:
    Type: AWS::RDS::DBInstance
    DependsOn: [Table]
    Properties:
      MasterUserPassword: !Ref Password
      Engine: postgres
      Tags: [{Key: a, Value: !GetAtt Table.Arn}]
  User:
    Type: AWS::IAM::User
    Properties:
      LoginProfile: {Password: hunter2-login}
      Policies: [{PolicyName: all, PolicyDocument: {Statement: [{Effect: Allow, Action: "*"}]}}]
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      InlineCode: |
        def handler(event, context):
            return 1
      Environment: {Variables: {API_TOKEN: tok-cfn-12, LEVEL: info}}
  Fn::ForEach::Topics:
    - Name
    - [A, B]
    - "Topic${Name}": {Type: AWS::SNS::Topic}
Outputs:
  Arn: {Value: !If [IsProd, !GetAtt Table.Arn, none], Export: {Name: arn}}
"""

JSON = """\
{
  "Resources": {
    "Bucket": {
      "Type": "AWS::S3::Bucket",
      "Properties": {"BucketName": {"Fn::Join": ["-", ["a", {"Ref": "AWS::Region"}]]},
        "AccessControl": "PublicRead"}
    },
    "Include": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://a"}}}
  },
  "Outputs": {"Name": {"Value": {"Ref": "Bucket"}}}
}
"""

FILES = (
    ("stacks/orders.yaml", STACK),
    ("stacks/bucket.template.json", JSON),
    ("template.yml", "Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: a}}}\n"),
)
