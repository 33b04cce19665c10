import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.JobID;
import org.apache.hadoop.mapreduce.OutputCommitter;
import org.apache.hadoop.mapreduce.RecordWriter;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.TaskID;
import org.apache.hadoop.mapreduce.TaskType;
import org.apache.hadoop.mapreduce.lib.output.FileOutputFormat;
import org.apache.hadoop.mapreduce.lib.output.TextOutputFormat;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.hadoop.io.Text;

/** What Spark does on s3a: S3aFlow URL KEY BUCKET. The bucket exists. */
public final class S3aFlow {
  private S3aFlow() {}

  public static void main(String[] arguments) throws Exception {
    String url = arguments[0];
    String key = arguments[1];
    String bucket = arguments[2];
    Configuration settings = new Configuration();
    settings.set("fs.s3a.endpoint", url);
    settings.set("fs.s3a.endpoint.region", "us-east-1");
    settings.set("fs.s3a.access.key", key);
    settings.set("fs.s3a.secret.key", key);
    settings.set("fs.s3a.path.style.access", "true");
    settings.set("fs.s3a.connection.ssl.enabled", "false");
    settings.set("fs.s3a.attempts.maximum", "1");
    settings.set("fs.s3a.multipart.size", "5M");
    settings.set("fs.s3a.multipart.threshold", "5M");
    settings.set("fs.s3a.committer.magic.enabled", "true");
    Path root = new Path("s3a://" + bucket + "/");
    FileSystem files = FileSystem.newInstance(URI.create(root.toString()), settings);

    directories(files, root);
    content(files, root);
    for (String committer : new String[] {"magic", "directory", "file"}) {
      commit(files, settings, new Path(root, "out-" + committer), committer);
    }
    files.close();
    System.out.println("passed");
  }

  private static void directories(FileSystem files, Path root) throws IOException {
    Path directory = new Path(root, "a/b/c");
    check(files.mkdirs(directory), "mkdirs");
    check(files.getFileStatus(directory).isDirectory(), "a directory without files is there");
    write(files, new Path(directory, "one"), 10);
    write(files, new Path(directory, "two"), 10);
    check(files.listStatus(directory).length == 2, "the marker is not listed among the files");
    check(files.rename(directory, new Path(root, "moved")), "rename of a directory");
    check(!files.exists(directory), "the old name is gone");
    check(files.listStatus(new Path(root, "moved")).length == 2, "the files have moved");
    check(files.delete(new Path(root, "moved"), true), "delete, recursively");
    check(!files.exists(new Path(root, "moved")), "the directory is gone");
    check(!files.exists(new Path(root, "never/was")), "a negative answer");
  }

  private static void content(FileSystem files, Path root) throws IOException {
    Path path = new Path(root, "data/large");
    write(files, path, 12 << 20);
    check(files.getFileStatus(path).getLen() == 12 << 20, "the length of a file in parts");
    byte[] middle = new byte[1000];
    try (FSDataInputStream in = files.open(path)) {
      in.readFully(7 << 20, middle);
    }
    for (int index = 0; index < middle.length; index++) {
      check(middle[index] == (byte) ((7 << 20) + index), "bytes from the middle");
    }
  }

  /** One task of one job that writes text, with its abort beside it, as Spark drives a committer. */
  private static void commit(FileSystem files, Configuration base, Path output, String committer) throws Exception {
    Configuration settings = new Configuration(base);
    settings.set("fs.s3a.committer.name", committer);
    settings.set("mapreduce.outputcommitter.factory.scheme.s3a", "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory");
    settings.set("fs.s3a.committer.staging.tmp.path", "file:///tmp/s3a-flow-staging");
    settings.set("fs.s3a.committer.staging.conflict-mode", "replace");
    settings.set("fs.defaultFS", "file:///");
    Job job = Job.getInstance(settings);
    JobID id = new JobID("20261126" + Math.abs(committer.hashCode()), 1);
    job.setJobID(id);
    FileOutputFormat.setOutputPath(job, output);
    TaskAttemptID attempt = new TaskAttemptID(new TaskID(id, TaskType.MAP, 0), 0);
    Configuration task = job.getConfiguration();
    task.set("mapreduce.task.attempt.id", attempt.toString());
    task.setInt("mapreduce.job.application.attempt.id", 0);
    TaskAttemptContext context = new TaskAttemptContextImpl(task, attempt);
    TextOutputFormat<Text, Text> format = new TextOutputFormat<>();
    OutputCommitter work = format.getOutputCommitter(context);
    work.setupJob(context);
    work.setupTask(context);
    RecordWriter<Text, Text> writer = format.getRecordWriter(context);
    writer.write(new Text("key"), new Text("value"));
    writer.close(context);
    check(work.needsTaskCommit(context), committer + ": there is something to commit");
    work.commitTask(context);
    work.commitJob(context);
    FileStatus[] made = files.listStatus(output, path -> path.getName().startsWith("part-"));
    check(made.length == 1 && made[0].getLen() == 10, committer + ": one part of 10 bytes, not " + Arrays.toString(made));
    check(files.exists(new Path(output, "_SUCCESS")), committer + ": _SUCCESS");
  }

  private static void write(FileSystem files, Path path, int length) throws IOException {
    byte[] bytes = new byte[length];
    for (int index = 0; index < length; index++) {
      bytes[index] = (byte) index;
    }
    try (FSDataOutputStream out = files.create(path, true)) {
      out.write(bytes);
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
